import { execa } from 'execa';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Board } from '../../../../sandbox/board.ts';
import { startCloudflare } from '../../../../sandbox/platforms/cloudflare/cloudflare.ts';
import type { CloudflareOptions } from '../../../../sandbox/platforms/cloudflare/cloudflare.ts';
import { writeTree } from '../../../../sandbox/samples/samples.ts';
import type { FileTree } from '../../../../sandbox/samples/samples.ts';

export const token = `cf-token-${'a'.repeat(31)}`;
const packageJson = createRequire(import.meta.url).resolve('wrangler/package.json');
const bin = join(dirname(packageJson), 'bin', 'wrangler.js');

/**
 * Requests `url` from the stand-in at 127.0.0.1. The host name of `url` is only sent as a header,
 * so the request needs no DNS.
 */
export const ask = (url: string, more: Record<string, string> = {}) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { port, host, pathname } = new URL(url);
    const options = {
      host: '127.0.0.1',
      port,
      path: pathname,
      headers: { host, ...more },
      agent: false,
    };
    get(options, async (answer) => {
      let body = '';
      for await (const chunk of answer) body += String(chunk);
      resolve({ status: answer.statusCode ?? 0, body });
    }).on('error', reject);
  });

/**
 * Starts the Cloudflare stand-in. Returns functions that write files, run the real wrangler on
 * these files, and call the API.
 */
export async function cloudflareFixture(options: Partial<CloudflareOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-cloudflare-'));
  const board = new Board();
  const cloudflare = await startCloudflare({ board, directory, token, slowMs: 200, ...options });
  const tree = join(directory, 'tree');
  const records = join(directory, 'records.ndjson');
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    CI: '1',
    NO_COLOR: '1',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_OUTPUT_FILE_PATH: records,
    CLOUDFLARE_API_BASE_URL: cloudflare.api,
    CLOUDFLARE_ACCOUNT_ID: cloudflare.account,
    CLOUDFLARE_API_TOKEN: token,
  };
  const wrangler = async (worker: string, args: string[], more: Record<string, string> = {}) => {
    await rm(records, { force: true });
    const cwd = join(tree, 'workers', worker);
    const call = { cwd, env: { ...env, ...more }, extendEnv: false, reject: false } as const;
    const ended = await execa(process.execPath, [bin, ...args], { ...call, stdin: 'ignore' });
    const lines = (await readFile(records, 'utf8').catch(() => '')).trim().split('\n');
    const told = lines.map((line) => JSON.parse(line || '{}') as Record<string, unknown>);
    return { code: ended.exitCode, output: `${ended.stdout}\n${ended.stderr}`, records: told };
  };
  const api = async (
    path: string,
    init: { method?: string; body?: unknown; token?: string } = {},
  ) => {
    const answer = await fetch(
      `${cloudflare.api}${path.replace('{account}', cloudflare.account)}`,
      {
        method: init.method ?? 'GET',
        headers: { authorization: `Bearer ${init.token ?? token}` },
        ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
      },
    );
    return { status: answer.status, body: (await answer.json()) as Envelope };
  };
  const close = async () => {
    board.clear();
    await cloudflare.close();
    await rm(directory, { recursive: true, force: true });
  };
  const write = (files: FileTree) => writeTree(tree, files);
  return { board, cloudflare, directory, wrangler, api, write, close };
}
export type CloudflareFixture = Awaited<ReturnType<typeof cloudflareFixture>>;
type Envelope = {
  success: boolean;
  errors: { code: number; message: string }[];
  result: unknown;
};
