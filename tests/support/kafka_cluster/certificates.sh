#!/usr/bin/env bash
# certificates.sh FOLDER: an authority and what it signs, for the secured Kafka of the tests, valid for an hour.
#   ca.pem, other-ca.pem      authorities: the brokers', and one that signed nothing of theirs
#   NAME.pem                  private key and certificate together, as brokers take them
#   client.crt, client.key    of a client; encrypted.key is the same key, its password "of the key"
set -euo pipefail
cd "$1"
umask 077

authority() {  # NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj "/CN=$1" \
    -addext basicConstraints=critical,CA:TRUE -keyout "$1.key" -out "$1.pem"
}

certificate() {  # NAME SUBJECT ALTERNATIVE-NAMES [OPTIONS OF openssl ca]
  local name=$1 subject=$2 names=$3
  shift 3
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$subject" -keyout "$name.key" -out "$name.csr"
  printf 'subjectAltName=%s\n' "$names" > "$name.ext"
  openssl ca -batch -config ca.cnf -in "$name.csr" -out "$name.crt" -extfile "$name.ext" -notext "$@"
  cat "$name.key" "$name.crt" > "$name.pem"
}

: > index.txt
cat > ca.cnf <<'EOF'
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
rand_serial = yes
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 1
policy = any
unique_subject = no
[any]
commonName = supplied
EOF

{
  authority ca
  authority other-ca
  certificate server /CN=broker IP:127.0.0.1,DNS:localhost
  certificate elsewhere /CN=broker DNS:elsewhere.example
  certificate expired /CN=broker IP:127.0.0.1 -startdate 20200101000000Z -enddate 20200102000000Z
  certificate client /CN=client DNS:client
  certificate expired-client /CN=client DNS:client -startdate 20200101000000Z -enddate 20200102000000Z
  openssl pkcs8 -topk8 -in client.key -passout 'pass:of the key' -out encrypted.key
} > openssl.log 2>&1 || { cat openssl.log; exit 1; }
