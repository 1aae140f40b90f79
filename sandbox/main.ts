import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox } from './sandbox.ts';
import type { Sandbox, SandboxOptions } from './sandbox.ts';
import { readSandboxArgument } from './sandbox-options.ts';
import type { SandboxArgument } from './sandbox-options.ts';

const untilAsked = () =>
  new Promise<void>((resolve) => {
    // They stay, or else whoever runs a command at that moment would end us at once.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
    process.stdin
      .once('end', () => resolve())
      .once('error', () => resolve())
      .resume();
  });

/** A part that does not end must not keep the process; its guards end what it started. */
const closeInTime = async (sandbox: Sandbox) => {
  const late = setTimeout(() => {
    process.stderr.write('A stand-in did not end in 10 s; ending without it.\n');
    process.exit(1);
  }, 10_000);
  await sandbox.close();
  clearTimeout(late);
};

/** `tokens` is the path of a file that only this user can read. */
const addresses = ({ control, git, github, slack, hosts }: Sandbox, tokens: string) => ({
  control: control.address,
  git: git.address,
  github: github.address,
  slack: slack.api,
  tokens,
  // JSON leaves the functions of a host out.
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
