import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { invoke } from './invocation.ts';
import type { Function, Started } from './invocation.ts';
import { RuntimeRows } from './runtime-rows.ts';
import type { Asked } from './runtime-rows.ts';

/**
 * The protection of the address of a deployment. With `none`, every request passes. With
 * `login-page`, the answer is a login page. With `redirect`, the answer redirects to a login page.
 */
export type Protection =
  | { kind: 'none' }
  | { kind: 'login-page' | 'redirect'; bypass: string | null };
type Options = {
  protection: () => Protection;
  startMs: number;
  /**
   * This function is called with the status of every answer that the deployment's own address
   * gives.
   */
  answered: (status: number) => void;
};

/** The address to which Vercel redirects. It comes from public records of real answers. */
const login = 'https://vercel.com/sso-api?url=https%3A%2F%2Fdeployment&nonce=0123456789abcdef';
const page = `<!doctype html><title>Authentication Required</title><p>Redirecting to ${login}</p>\n`;

const loginPage = (response: ServerResponse, status: number) =>
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'set-cookie': '_vercel_sso_nonce=0123456789abcdef; Path=/; HttpOnly',
    })
    .end(page);

export const vercelError = (response: ServerResponse, status: number, code: string) =>
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-vercel-error': code })
    .end(`The deployment could not answer.\n\n${code}\n`);

export const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
};

export const shut = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const problems = {
  crashed: [500, 'FUNCTION_INVOCATION_FAILED'],
  silent: [504, 'FUNCTION_INVOCATION_TIMEOUT'],
  absent: [404, 'NOT_FOUND'],
} as const;

/**
 * Serves one deployment at its own address. Contains the function and the log of the deployment.
 */
export class DeploymentSite {
  readonly rows = new RuntimeRows();
  #server: Server;
  #options: Options;
  #source: { directory: string; env: Record<string, string> } | null = null;
  #function: Promise<Started> | null = null;
  #asked: Asked = { domain: '', method: '', path: '', status: 0 };
  host = '127.0.0.1:0';

  constructor(options: Options) {
    this.#options = options;
    this.#server = createServer((call, response) => void this.#guarded(call, response));
  }

  async open() {
    this.host = `127.0.0.1:${await listen(this.#server)}`;
  }

  /**
   * Sets the directory of the built commit. From now on, requests start the function in this
   * directory.
   */
  serve(directory: string, env: Record<string, string>) {
    this.#source = { directory, env };
  }

  async #guarded(call: IncomingMessage, response: ServerResponse) {
    const protection = this.#options.protection();
    if (protection.kind === 'none' || admits(protection.bypass, call)) {
      response.once('finish', () => this.#options.answered(response.statusCode));
      return await this.answer(call, response, this.host);
    }
    if (protection.kind === 'login-page') return loginPage(response, 401);
    return response.writeHead(302, { location: login }).end();
  }

  /**
   * Sends a request to the function of the deployment. `domain` is the domain that the log shows.
   */
  async answer(call: IncomingMessage, response: ServerResponse, domain: string) {
    const { pathname } = new URL(call.url ?? '/', 'http://deployment');
    this.#asked = { domain, method: call.method ?? 'GET', path: pathname, status: 0 };
    const asked = this.#asked;
    response.once('finish', () => {
      asked.status = response.statusCode;
      const level = asked.status >= 500 ? 'error' : 'info';
      this.rows.add(asked, { level, source: 'request', message: '' });
    });
    if (!this.#source) return void vercelError(response, 404, 'DEPLOYMENT_NOT_FOUND');
    const started = await this.#warm();
    if (typeof started === 'string') {
      const [status, code] = problems[started];
      return void vercelError(response, status, code);
    }
    return forward(started, call, response);
  }

  #warm(): Promise<Started> {
    this.#function ??= this.#start();
    return this.#function;
  }

  async #start(): Promise<Started> {
    const { directory, env } = this.#source!;
    const { startMs } = this.#options;
    const line = (text: string, stream: 'stdout' | 'stderr') => this.#log(text, stream);
    const started = await invoke({ directory, env, startMs, line });
    // If the function did not start or has ended, the next request starts the function again.
    if (typeof started === 'string') this.#function = null;
    else void started.process.ended.then(() => (this.#function = null));
    return started;
  }

  #log(text: string, stream: 'stdout' | 'stderr') {
    const [, priority] = /^<(\d)>/.exec(text) ?? [];
    const failed = stream === 'stderr' || Number(priority ?? 6) <= 3;
    const message = text.replace(/^<\d>/, '');
    this.rows.add(this.#asked, { level: failed ? 'error' : 'info', source: 'serverless', message });
  }

  /** Returns the process id of the running function, or undefined if no function runs. */
  async pid(): Promise<number | undefined> {
    const started = await this.#function;
    return started && typeof started !== 'string' ? started.process.pid : undefined;
  }

  async close() {
    this.rows.end();
    const started = await this.#function;
    if (started && typeof started !== 'string') {
      started.process.kill();
      await started.process.ended;
    }
    await shut(this.#server);
  }
}

const admits = (bypass: string | null, { headers, url = '/' }: IncomingMessage) => {
  const name = 'x-vercel-protection-bypass';
  const given = headers[name] ?? new URL(url, 'http://deployment').searchParams.get(name);
  return bypass !== null && given === bypass;
};

function forward({ port }: Function, call: IncomingMessage, response: ServerResponse) {
  const { method, url: path, headers } = call;
  const asked = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  asked.on('error', () => {
    if (response.headersSent) response.destroy();
    else vercelError(response, 500, 'FUNCTION_INVOCATION_FAILED');
  });
  call.pipe(asked);
}
