/**
 * Names of the variables that every child process inherits. The variables name the language, and
 * the places of programs, files, the ssh agent, proxies and certificates. None of them is a token.
 * A variable that is not in this list, such as a token or the workers' key, never reaches a child
 * process.
 */
const usual = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TERM', 'TZ', 'LANG', 'LANGUAGE'],
  ...['SSH_AUTH_SOCK', 'SSH_ASKPASS', 'SSH_SK_PROVIDER', 'SSH_SK_HELPER', 'SSH_PKCS11_HELPER'],
  ...['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'KRB5CCNAME', 'KRB5_CONFIG'],
  ...['XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
  ...['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
];

/** Returns the variables of this process with these names. */
export const inherited = (
  names: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/**
 * Returns the whole environment of a child process: the usual variables of this process, and
 * `more`. `more` contains what only this child needs. It may contain secrets.
 */
export function childEnvironment(
  more: Readonly<Record<string, string>> = {},
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const locale = Object.keys(env).filter((name) => name.startsWith('LC_'));
  return { ...inherited([...usual, ...locale], env), ...more };
}
