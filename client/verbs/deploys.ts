import { Option } from 'commander';
import type { Command } from 'commander';
import { routine } from '../../domain/messages.ts';
import { about, signed } from './shared.ts';
import type { Execute } from './shared.ts';

export function addDeploy(program: Command, execute: Execute) {
  requestOptions(program.command('deploy'))
    .description('plan, gates, approval, release, smoke, watch; Ctrl-C only stops watching')
    .option('--expect-head <sha>', 'exit 6 unless the ref is this commit')
    .option('--detach', 'start it and come back at once')
    .addOption(
      new Option('--wait <until>', 'gates: come back once they are judged, 0 open, 7 closed')
        .choices(['end', 'gates'])
        .default('end'),
    )
    .option('--supersede', 'replace what waits there, also a commit that yours does not contain')
    .action((project, environment, options) =>
      execute(async (io) =>
        (await import('../commands/deploy.ts')).deploy(io, { project, environment, ...options }),
      ),
    );
  requestOptions(program.command('plan'))
    .description('what a deploy would do, and whether its gates are open; changes nothing')
    .action((project, environment, options) =>
      execute(async (io) =>
        (await import('../commands/plan.ts')).plan(io, { project, environment, ...options }),
      ),
    );
}

export function addAdopt(program: Command, execute: Execute) {
  signed(about(program.command('adopt')))
    .description('record what is live as the first known release, so that there is a way back')
    .option('--ref <ref>', 'its commit, where the hosts cannot say it', 'live')
    .option('--reason <text>', 'recorded', 'first release under Plimsoll')
    .action((project, environment, options) =>
      execute(async (io) =>
        (await import('../commands/adopt.ts')).adopt(io, { project, environment, ...options }),
      ),
    );
}

export function addViews(program: Command, execute: Execute) {
  about(program.command('watch'))
    .description('follow a deploy until it closes; Ctrl-C only stops watching')
    .action((project, environment) =>
      execute(async (io) =>
        (await import('../commands/watch.ts')).watch(io, { project, environment }),
      ),
    );
  about(program.command('status'))
    .description("a deploy's state now; exit 8 while it runs, else by its outcome")
    .action((project, environment) =>
      execute(async (io) =>
        (await import('../commands/status.ts')).status(io, { project, environment }),
      ),
    );
}

function requestOptions(command: Command) {
  return signed(about(command))
    .option('--ref <ref>', 'branch, tag or commit', 'main')
    .option(
      '--restore-to <release>',
      'the way back: live, last-proven, or a commit (default: live)',
    )
    .option('--reason <text>', 'why, shown to the approvers', routine)
    .addOption(
      new Option(
        '--priority <priority>',
        'P0 replaces what has had no effect yet; it skips no gate and no approval',
      )
        .choices(['normal', 'P0'])
        .default('normal'),
    );
}
