import { bash } from '../completion/bash.ts';
import { fish } from '../completion/fish.ts';
import { grammarOf } from '../completion/grammar.ts';
import type { Grammar } from '../completion/grammar.ts';
import { zsh } from '../completion/zsh.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { createProgram } from '../program.ts';
import { withSession } from '../session/connect.ts';
import { findWorker } from '../session/registry.ts';
import { Argument } from 'commander';
import type { Listing, Verb } from '../run.ts';

const install = `
Try it:     source <(plimsoll completion bash)
Keep it:    plimsoll completion bash > ~/.local/share/bash-completion/completions/plimsoll
            plimsoll completion zsh > "\${fpath[1]}/_plimsoll"
            plimsoll completion fish > ~/.config/fish/completions/plimsoll.fish`;

const about = 'your shell; "places" prints projects and environments for the completion scripts';

export const listing: Listing = {
  group: 'Tools',
  order: 4,
  summary: 'print the script that completes commands and options in your shell',
};

export const verb: Verb = (command, execute) =>
  command
    .addArgument(new Argument('<what>', about).choices(['bash', 'zsh', 'fish', 'places']))
    .addHelpText('after', install)
    .action((what) =>
      execute((io) => (what === 'places' ? places(io) : completion(io, { shell: what }))),
    );

export type Shell = 'bash' | 'zsh' | 'fish';

const scripts: Record<Shell, (grammar: Grammar) => string> = { bash, zsh, fish };

/** Prints the completion script for a shell. The script completes all commands of this program. */
export async function completion(io: Io, { shell }: { shell: Shell }): Promise<number> {
  const program = await createProgram(async () => {});
  io.out(scripts[shell](grammarOf(program)));
  return exitCodes.ok;
}

/**
 * Prints one line for each environment. The line contains the project and the environment. The
 * attempt to connect ends after 2 s, because a person waits in the shell.
 */
export const places = (io: Io): Promise<number> =>
  withSession(io, { connectTimeout: '2 seconds' }, async (session) => {
    const { projects } = await findWorker(io, session);
    for (const [project, environments] of Object.entries(projects))
      for (const environment of environments) io.out(`${project} ${environment}`);
    return exitCodes.ok;
  });
