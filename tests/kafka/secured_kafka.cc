#include "kafka/secured_kafka.h"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "kafka/child_process.h"
#include "kafka/kafka_installation.h"

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
  let_transact();
}

KafkaClusterOptions SecuredKafka::options() const {
  run({"/usr/bin/env", "bash", CONVEYOR_CERTIFICATES, folder_.path().string()}, folder_.path() / "log");
  const std::string plain =
      std::string(kModules) + "plain.PlainLoginModule required user_alice=\"" + std::string(kPassword) + "\";";
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
  return {.server_properties = properties,
          .listeners = {{"SASLTLS", "SASL_SSL", sasl_ssl_.number()},
                        {"SASLPLAINTEXT", "SASL_PLAINTEXT", sasl_plaintext_.number()},
                        {"MTLS", "SSL", mutual_tls_.number()},
                        {"ELSEWHERE", "SSL", elsewhere_.number()},
                        {"EXPIRED", "SSL", expired_.number()}},
          .scram_users = {scram_user("SCRAM-SHA-256"), scram_user("SCRAM-SHA-512")}};
}

// librdkafka does not know this kind of right.
void SecuredKafka::let_transact() {
  run(KafkaInstallation::find().command(
          {"-Xmx64m", "-XX:TieredStopAtLevel=1"},
          {"org.apache.kafka.tools.AclCommand", "--bootstrap-server", cluster_.bootstrap_servers(), "--add",
           "--allow-principal", "User:alice", "--allow-principal", "User:" + std::string(kClient), "--operation",
           "Write", "--operation", "Describe", "--transactional-id", "*"}),
      folder_.path() / "log");
}

}  // namespace conveyor::tests
