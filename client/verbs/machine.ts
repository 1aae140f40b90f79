import { Argument } from 'commander';
import type { Command } from 'commander';
import { configured } from './shared.ts';
import type { Execute } from './shared.ts';

export function addMachine(program: Command, execute: Execute) {
  configured(program.command('up'))
    .description('run everything on this machine: Temporal, Web UI and a worker')
    .option('--data <path>', "where Temporal keeps its file (default: the user's data directory)")
    .action((options) =>
      execute(async (io) => (await import('../commands/up.ts')).up(io, options)),
    );
  configured(program.command('worker'))
    .description('run a worker against an existing Temporal server')
    .action((options) =>
      execute(async (io) => (await import('../commands/worker.ts')).worker(io, options)),
    );
}

export function addInit(program: Command, execute: Execute) {
  configured(program.command('init'))
    .description('write a first plimsoll.yaml: asks what it cannot find out, never overwrites')
    .argument('[directory]', 'a clone of what will be deployed', '.')
    .option('--project <name>', 'default: as the repository')
    .option('--repository <url>', 'default: the remote "origin" of the directory')
    .option('--host <address>', 'user@host or user@host:port')
    .option('--host-key <fingerprint>', 'SHA256:…; default: what ssh-keyscan sees now')
    .option('--directory <path>', 'on the host; default: /srv/PROJECT')
    .option('--service <unit>', 'its systemd unit; default: as the project')
    .option('--health <url>', 'asked on the host itself, such as http://127.0.0.1:3000/healthz')
    .option('--url <url>', 'as the world sees the host')
    .option('--github-api <url>', 'where checks are read, if not at github.com')
    .option('--sandbox <factor>', 'for play, on loopback only: time passes so many times faster')
    .action((directory, options) =>
      execute(async (io) => (await import('../commands/init.ts')).init(io, options, directory)),
    );
}

export function addDoctor(program: Command, execute: Execute) {
  configured(program.command('doctor'))
    .description('look at everything that a deploy needs, each problem with its remedy')
    .option('--page', 'call the people on duty by every configured way, as a test')
    .action((options) =>
      execute(async (io) => (await import('../commands/doctor.ts')).doctor(io, options)),
    );
}

export function addSandbox(program: Command, execute: Execute) {
  program
    .command('sandbox')
    .description("look at a sandbox's stand-ins, or make them fail")
    .addArgument(new Argument('<what>').choices(['effects', 'faults', 'truth']))
    .argument('[fault...]', 'after faults: SERVICE MATCH KIND, or clear, or release')
    .option('--times <count>', 'how often the fault strikes', '1')
    .option('--control <url>', 'the control plane (default: PLIMSOLL_SANDBOX)')
    .action((what, fault, options) =>
      execute(async (io) =>
        (await import('../commands/sandbox.ts')).sandbox(io, { what, fault, ...options }),
      ),
    );
}

const install = `
Try it:     source <(plimsoll completion bash)
Keep it:    plimsoll completion bash > ~/.local/share/bash-completion/completions/plimsoll
            plimsoll completion zsh > "\${fpath[1]}/_plimsoll"
            plimsoll completion fish > ~/.config/fish/completions/plimsoll.fish`;

export function addCompletion(program: Command, execute: Execute) {
  program
    .command('completion')
    .description('the script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', install)
    .action((shell) =>
      execute(async (io) => (await import('../commands/completion.ts')).completion(io, { shell })),
    );
}
