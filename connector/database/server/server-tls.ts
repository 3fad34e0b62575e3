import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import tls, { type ConnectionOptions } from "node:tls";
import { Failure } from "../../failure.ts";
import { fileParameters, type ServerUrl, type SslMode, sslModeProblem } from "../../server-url.ts";

/**
 * Returns the TLS options for `pg`; false for no TLS. `require` checks the certificate like `verify-full`, and so does
 * `verify-ca` without a named authority: a weaker check would be no protection. Throws a Failure of kind `usage` for a
 * file that cannot be read or has the wrong content.
 */
export function serverTls({ host, parameters }: ServerUrl): false | ConnectionOptions {
  const mode = modeOf(parameters);
  if (mode === "disable") return false;
  const ca = authorities(parameters.get("sslrootcert"));
  const options: ConnectionOptions = { ...ca, ...clientCertificate(parameters) };
  const loose = parameters.get("uselibpqcompat") === "true" && mode === "require";
  if (mode === "no-verify" || (loose && !parameters.has("sslrootcert"))) options.rejectUnauthorized = false;
  // A private authority certifies only its owner's servers, so any host name is accepted.
  if ((mode === "verify-ca" || loose) && parameters.has("sslrootcert") && parameters.get("sslrootcert") !== "system") {
    options.checkServerIdentity = () => undefined;
  } else if (host !== "") {
    options.checkServerIdentity = (_name, certificate) => tls.checkServerIdentity(host, certificate);
  }
  return options;
}

function modeOf(parameters: ReadonlyMap<string, string>): SslMode {
  const mode = parameters.get("sslmode");
  if (mode !== undefined) return mode as SslMode;
  const ssl = parameters.get("ssl");
  if (ssl === "no-verify") return "no-verify";
  if (ssl !== undefined) return /^(true|1)$/.test(ssl) ? "verify-full" : "disable";
  if (fileParameters.some((name) => parameters.has(name))) return "verify-full";
  const environment = process.env["PGSSLMODE"];
  if (environment === undefined || environment === "") return "disable";
  const problem = sslModeProblem(environment, "The environment variable PGSSLMODE");
  if (problem !== undefined) throw new Failure("usage", problem.message, { hint: problem.hint });
  return environment as SslMode;
}

/** Files in which systems keep their trusted authorities. */
const systemFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

function authorities(file: string | undefined): ConnectionOptions {
  if (file === undefined || file === "") return {};
  if (file !== "system") {
    const ca = readText("sslrootcert", file);
    certificatesIn("sslrootcert", file, ca);
    return { ca };
  }
  const named = process.env["SSL_CERT_FILE"];
  const found = [...(named === undefined ? [] : [named]), ...systemFiles].find((path) => existsSync(path));
  // On a system without such a file Node's own list is used.
  return found === undefined ? {} : { ca: [...tls.rootCertificates, readText("sslrootcert", found)] };
}

function clientCertificate(parameters: ReadonlyMap<string, string>): ConnectionOptions {
  const [certFile, keyFile] = [parameters.get("sslcert"), parameters.get("sslkey")];
  if (certFile === undefined && keyFile === undefined) return {};
  if (certFile === undefined || keyFile === undefined) {
    const [there, missing] = certFile === undefined ? ["sslkey", "sslcert"] : ["sslcert", "sslkey"];
    throw new Failure("usage", `The database URL has \`${there}\` without \`${missing}\`.`, {
      hint: "A client certificate needs both: the certificate and its private key.",
    });
  }
  const cert = readText("sslcert", certFile);
  const [certificate] = certificatesIn("sslcert", certFile, cert);
  const key = readText("sslkey", keyFile);
  const passphrase = parameters.get("sslpassword");
  const privateKey = privateKeyIn(keyFile, key, passphrase);
  if (!certificate!.checkPrivateKey(privateKey)) {
    throw new Failure(
      "usage",
      `The private key ${keyFile} (sslkey) is not that of the certificate ${certFile} (sslcert).`,
      {
        hint: "Name the two files that were made together.",
      },
    );
  }
  return { cert, key, ...(passphrase === undefined ? {} : { passphrase }) };
}

function readText(name: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === "ENOENT"
        ? "does not exist"
        : code === "EACCES"
          ? "may not be read by this user"
          : `cannot be read (${code})`;
    throw new Failure("usage", `The file ${file}, named by ${name} in the database URL, ${reason}.`, {
      hint: "A relative path counts from the config file.",
      cause: error,
    });
  }
}

const pem = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

function certificatesIn(name: string, file: string, text: string): X509Certificate[] {
  try {
    const found = (text.match(pem) ?? []).map((block) => new X509Certificate(block));
    if (found.length > 0) return found;
  } catch {
    // The text between the PEM lines is not a certificate.
  }
  throw new Failure("usage", `The file ${file}, named by ${name} in the database URL, holds no certificate (PEM).`, {
    hint: `One in the form DER becomes PEM with: openssl x509 -inform der -in ${file} -out ${file}.pem`,
  });
}

function privateKeyIn(file: string, key: string, passphrase: string | undefined) {
  try {
    return createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    const encrypted = /ENCRYPTED/.test(key);
    const what = !encrypted
      ? "holds no private key (PEM)"
      : passphrase === undefined
        ? "is encrypted"
        : "is encrypted with another password";
    throw new Failure("usage", `The file ${file}, named by sslkey in the database URL, ${what}.`, {
      hint: encrypted
        ? "Give its password as sslpassword=… in the URL."
        : "Name the file that was made with the certificate.",
      cause: error,
    });
  }
}
