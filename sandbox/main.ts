import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox } from './sandbox.ts';
import type { Sandbox, SandboxOptions } from './sandbox.ts';
import { readSandboxArgument } from './sandbox-options.ts';
import type { SandboxArgument } from './sandbox-options.ts';

const untilAsked = () =>
  new Promise<void>((resolve) => {
    // The handlers stay installed after the first signal. Without a handler, the library execa
    // would end the sandbox process at once.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
    process.stdin
      .once('end', () => resolve())
      .once('error', () => resolve())
      .resume();
  });

/**
 * Closes the sandbox. If this takes more than 10 s, the sandbox process exits with code 1. Then the
 * guard of each child process (guard.ts) ends its child process.
 */
const closeInTime = async (sandbox: Sandbox) => {
  const late = setTimeout(() => {
    process.stderr.write('A stand-in did not stop within 10 s. The sandbox exits now.\n');
    process.exit(1);
  }, 10_000);
  await sandbox.close();
  clearTimeout(late);
};

/**
 * Returns the addresses that the sandbox prints. `tokens` is the path of the file with the tokens.
 * Only the user who started the sandbox can read that file.
 */
const addresses = ({ control, git, github, slack, hosts }: Sandbox, tokens: string) => ({
  control: control.address,
  git: git.address,
  github: github.address,
  slack: slack.api,
  tokens,
  // JSON.stringify leaves out the functions of a host, such as `stop`.
  hosts,
});

const run = async (argument: SandboxArgument) => {
  const asked = untilAsked();
  const sandbox = await startSandbox(argument as SandboxOptions);
  try {
    const tokens = join(argument.directory, 'tokens.json');
    await writeFile(tokens, JSON.stringify(sandbox.tokens), { mode: 0o600 });
    process.stdout.write(`${JSON.stringify(addresses(sandbox, tokens))}\n`);
    await asked;
  } finally {
    await closeInTime(sandbox);
  }
};

try {
  await run(readSandboxArgument(process.argv[2]));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
