import { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';

type Connector = ReturnType<typeof buildConnector>;

/**
 * Makes a connector that accepts a certificate if the system trusts it, or if its SHA-256
 * fingerprint is in `certificates`. The connector checks the certificate before it sends a request.
 */
export function pinnedConnector(
  certificates: readonly string[],
  options: buildConnector.BuildOptions,
): Connector {
  if (certificates.length === 0) return buildConnector(options);
  // Sessions are not cached, because a resumed TLS session shows no certificate that could be
  // checked.
  const open = buildConnector({ ...options, rejectUnauthorized: false, maxCachedSessions: 0 });
  return (target, callback) =>
    open(target, (...[cause, socket]) => {
      if (cause) return callback(cause, null);
      const refused = socket instanceof TLSSocket ? refusal(socket, certificates) : null;
      if (refused === null) return callback(null, socket);
      socket.destroy();
      callback(new Error(refused), null);
    });
}

function refusal(socket: TLSSocket, certificates: readonly string[]): string | null {
  if (socket.authorized) return null;
  const shown = (socket.getPeerCertificate().fingerprint256 ?? '').replaceAll(':', '');
  if (certificates.includes(shown)) return null;
  return (
    `the certificate with the SHA-256 fingerprint ${shown || 'unknown'} is neither trusted by the ` +
    'system nor listed under certificates in plimsoll.yaml'
  );
}
