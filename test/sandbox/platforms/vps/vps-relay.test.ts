import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../../../sandbox/platforms/vps/command.ts';
import type { Caller } from '../../../../sandbox/platforms/vps/docker/engine.ts';
import { createRelayServer } from '../../../../sandbox/platforms/vps/relay-server.ts';

const file = (name: string) =>
  fileURLToPath(new URL(`../../../../sandbox/platforms/vps/${name}`, import.meta.url));
const relays = [
  { name: 'relay.mjs', argv: [process.execPath, file('relay.mjs')] },
  { name: 'relay.pl', argv: ['/usr/bin/perl', file('relay.pl')] },
].filter(({ argv: [program = ''] }) => existsSync(program));

const directory = mkdtempSync(join(tmpdir(), 'plimsoll-relay-'));
const socket = join(directory, 's');
const large = 'x'.repeat(300_000);
let called: { args: string[]; lie: boolean; caller: Caller } | undefined;

/**
 * A fake command of an SSH session. It copies its input to stdout, writes `text` to stderr and ends
 * with exit code 7. With the text "drop", it drops the session and has no exit code.
 */
async function command(text: string, session: Session) {
  for await (const chunk of session.stdin) session.stdout(chunk as Buffer);
  session.stderr(Buffer.from(text));
  if (text !== 'drop') return 7;
  session.drop();
  return null;
}
const server = createRelayServer(socket, {
  command,
  tool: async (name, args, lie, caller) => {
    called = { args, lie, caller };
    return { code: 3, stdout: `${name}: ${large}`, stderr: 'größer' };
  },
});
beforeAll(() => server.listen());
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

type Start = { argv: string[]; env?: Record<string, string>; input?: string };

function start({ argv: [program = '', ...argv], env = {}, input = '' }: Start) {
  const child = spawn(program, argv, { cwd: directory, env });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  child.stdin.on('error', () => {}).end(input);
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, ...said })),
  );
}

describe.each(relays)('$name', ({ argv }) => {
  test('carries a command, its input, both outputs and its exit', async () => {
    const env = { SSH_ORIGINAL_COMMAND: `say 'it'\nagain` };
    const answer = await start({ argv: [...argv, socket, 'command'], env, input: large });
    expect(answer).toEqual({ code: 7, stdout: large, stderr: `say 'it'\nagain` });
  });

  test('carries the call of a tool: arguments, place and variables as they are', async () => {
    const args = ['a b', '', '--format', '{{json .}}\n"ü"'];
    const env = { PLIMSOLL_SANDBOX_SESSION: 'lie', IMAGE_TAG: 'a=b\nc' };
    const answer = await start({ argv: [...argv, socket, 'docker', ...args], env });
    expect(answer).toEqual({ code: 3, stdout: `docker: ${large}`, stderr: 'größer' });
    expect(called).toMatchObject({ args, lie: true, caller: { cwd: directory, env } });
  });

  test('ends with 255 where nobody answers', async () => {
    const nowhere = await start({ argv: [...argv, join(directory, 'none'), 'systemctl'] });
    expect(nowhere).toMatchObject({ code: 255, stdout: '' });
  });

  test('its parent, which holds the connection, is what a drop kills', async () => {
    const text = `${argv.map((word) => `'${word}'`).join(' ')} '${socket}' command; exit 0`;
    const env = { SSH_ORIGINAL_COMMAND: 'drop' };
    const { code } = await start({ argv: ['/bin/sh', '-c', text], env });
    expect(code).toBe(null);
  });
});
