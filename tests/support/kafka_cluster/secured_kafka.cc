#include "support/kafka_cluster/secured_kafka.h"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "support/kafka_cluster/child_process.h"
#include "support/kafka_cluster/kafka_installation.h"

namespace conveyor::tests {

namespace {

constexpr char kModules[] = "org.apache.kafka.common.security.";

std::string scram_user(const std::string& mechanism) {
  return mechanism + "=[name=alice,password=\"" + std::string(SecuredKafka::kScramPassword) + "\"]";
}

void run(const std::vector<std::string>& command, const std::filesystem::path& log) {
  ChildProcess process(command, log);
  if (process.wait(std::chrono::seconds(60)) == 0) return;
  std::ifstream file(log);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  throw std::runtime_error(command.back() + " failed:\n" + text);
}

}  // namespace

SecuredKafka::SecuredKafka()
    : folder_("conveyor-secured-kafka"), cluster_(options()), admin_(cluster_.bootstrap_servers()) {
  let_transact({"alice", std::string(kClient)}, true);
}

KafkaClusterOptions SecuredKafka::options() const {
  run({"/usr/bin/env", "bash", CONVEYOR_CERTIFICATES, folder_.path().string()}, folder_.path() / "log");
  return {.server_properties = properties(kPassword),
          .listeners = {{"SASLTLS", "SASL_SSL", sasl_ssl_.number()},
                        {"SASLPLAINTEXT", "SASL_PLAINTEXT", sasl_plaintext_.number()},
                        {"MTLS", "SSL", mutual_tls_.number()},
                        {"ELSEWHERE", "SSL", elsewhere_.number()},
                        {"EXPIRED", "SSL", expired_.number()}},
          .scram_users = {scram_user("SCRAM-SHA-256"), scram_user("SCRAM-SHA-512")}};
}

std::map<std::string, std::string> SecuredKafka::properties(std::string_view password) const {
  const std::string plain =
      std::string(kModules) + "plain.PlainLoginModule required user_alice=\"" + std::string(password) + "\";";
  std::map<std::string, std::string> properties{
      {"auto.create.topics.enable", "false"},
      {"authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"},
      {"super.users", "User:ANONYMOUS"},  // who comes by the listener without any security
      {"ssl.keystore.type", "PEM"},
      {"ssl.truststore.type", "PEM"},
      {"ssl.keystore.location", file("server.pem")},
      {"ssl.truststore.location", file("ca.pem")},
      {"listener.name.elsewhere.ssl.keystore.type", "PEM"},
      {"listener.name.elsewhere.ssl.keystore.location", file("elsewhere.pem")},
      {"listener.name.expired.ssl.keystore.type", "PEM"},
      {"listener.name.expired.ssl.keystore.location", file("expired.pem")},
      {"listener.name.mtls.ssl.client.auth", "required"},
      {"sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER"},
      {"connection.failed.authentication.delay.ms", "10"},
  };
  for (const std::string listener : {"listener.name.sasltls.", "listener.name.saslplaintext."}) {
    properties[listener + "plain.sasl.jaas.config"] = plain;
    for (const std::string mechanism : {"scram-sha-256", "scram-sha-512"}) {
      properties[listener + mechanism + ".sasl.jaas.config"] =
          std::string(kModules) + "scram.ScramLoginModule required;";
    }
    properties[listener + "oauthbearer.connections.max.reauth.ms"] =
        std::to_string(std::chrono::milliseconds(kTokenLife).count());
    properties[listener + "oauthbearer.sasl.jaas.config"] =
        std::string(kModules) + "oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"broker\";";
  }
  return properties;
}

void SecuredKafka::change_password(std::string_view password) {
  cluster_.reconfigure(0, properties(password));
  cluster_.stop(0);
  cluster_.restart(0);
}

// librdkafka does not know this kind of right.
void SecuredKafka::let_transact(const std::vector<std::string>& users, bool allowed) {
  std::vector<std::string> arguments{"org.apache.kafka.tools.AclCommand", "--bootstrap-server",
                                     cluster_.bootstrap_servers()};
  if (allowed) {
    arguments.emplace_back("--add");
  } else {
    arguments.insert(arguments.end(), {"--remove", "--force"});
  }
  for (const auto& user : users) arguments.insert(arguments.end(), {"--allow-principal", "User:" + user});
  arguments.insert(arguments.end(), {"--operation", "Write", "--operation", "Describe", "--transactional-id", "*"});
  run(KafkaInstallation::find().command({"-Xmx64m", "-XX:TieredStopAtLevel=1"}, arguments), folder_.path() / "log");
}

}  // namespace conveyor::tests
