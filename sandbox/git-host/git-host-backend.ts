import { join } from 'node:path';
import { execa } from 'execa';
import { gitEnvironment } from './git-host-repositories.ts';
import type { Call, Reply } from '../http.ts';

export type BackendCall = { call: Call; root: string; env: Record<string, string> };

const header = (call: Call, name: string) => {
  const value = call.headers[name];
  return typeof value === 'string' ? value : '';
};

const cgi = ({ call, root, env }: BackendCall) => ({
  ...gitEnvironment(),
  ...env,
  GIT_PROJECT_ROOT: root,
  GIT_HTTP_EXPORT_ALL: '1',
  GIT_PROTOCOL: header(call, 'git-protocol'),
  REMOTE_USER: 'sandbox',
  REMOTE_ADDR: '127.0.0.1',
  REQUEST_METHOD: call.method,
  PATH_INFO: decodeURIComponent(call.path),
  QUERY_STRING: call.query.toString(),
  CONTENT_TYPE: header(call, 'content-type'),
  CONTENT_LENGTH: String(call.body.length),
  HTTP_CONTENT_ENCODING: header(call, 'content-encoding'),
});

/**
 * Parses the output of a CGI program. The output contains headers such as `Status:`, then an empty
 * line, then the body.
 */
const parseCgi = (output: Buffer): Reply => {
  const end = output.indexOf('\r\n\r\n');
  if (end < 0) throw new Error('git http-backend returned a response without headers.');
  const headers = Object.fromEntries(
    output
      .subarray(0, end)
      .toString('latin1')
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.split(': ')[1] ?? '']),
  );
  const { status = '200 OK', ...rest } = headers;
  return { status: Number.parseInt(status, 10), headers: rest, body: output.subarray(end + 4) };
};

let known: Promise<string> | undefined;
/**
 * Returns the path of the program. Plimsoll starts the program by its path, because `git
 * http-backend` would need one more process.
 */
const backendPath = () => {
  known ??= execa('git', ['--exec-path']).then(({ stdout }) => join(stdout, 'git-http-backend'));
  return known;
};

/** Runs one request through the real `git http-backend` and returns its response. */
export const runBackend = async (request: BackendCall): Promise<Reply> => {
  const { stdout, stderr } = await execa(await backendPath(), {
    env: cgi(request),
    extendEnv: false,
    input: request.call.body,
    encoding: 'buffer',
    // Keeps a newline at the end of the output, because this newline can be part of a pack.
    stripFinalNewline: false,
    reject: false,
  });
  if (stdout.length === 0)
    throw new Error(`git http-backend returned no output. Its errors: ${Buffer.from(stderr)}`);
  return parseCgi(Buffer.from(stdout));
};
