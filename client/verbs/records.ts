import type { Command } from 'commander';
import { configured } from './shared.ts';
import type { Execute } from './shared.ts';

export function addIncidents(program: Command, execute: Execute) {
  const incidents = program
    .command('incidents')
    .description('what went wrong, open ones first; with an ID its post-mortem draft')
    .argument('[id]', 'incident-…')
    .option('--project <project>', 'as in plimsoll.yaml')
    .action((id, options) =>
      execute(async (io) =>
        (await import('../commands/incidents.ts')).incidents(io, { id, ...options }),
      ),
    );
  incidents
    .command('close')
    .description('record that the post-mortem is done')
    .argument('<id>', 'incident-…')
    .requiredOption('--by <name>', 'who says so')
    .option('--note <text>', 'where the post-mortem is kept', '')
    .action((id, options) =>
      execute(async (io) =>
        (await import('../commands/incidents.ts')).closeIncident(io, { id, ...options }),
      ),
    );
  program
    .command('reconcile')
    .description(
      'find deploys that were terminated or lost, and finish their way back; safe at any time',
    )
    .option('--project <project>', 'as in plimsoll.yaml')
    .action((options) =>
      execute(async (io) => (await import('../commands/reconcile.ts')).reconcile(io, options)),
    );
}

export function addTools(program: Command, execute: Execute) {
  program
    .command('history')
    .description('what was recorded: deploys, decisions, incidents')
    .argument('[project]')
    .argument('[environment]')
    .option('--limit <count>', 'newest entries', '20')
    .option('--verify', 'instead: walk the whole ledger; exit 1 names the first broken row')
    .action((project, environment, options) =>
      execute(async (io) =>
        (await import('../commands/history.ts')).history(io, { project, environment, ...options }),
      ),
    );
  program
    .command('budget')
    .description(
      'what was spent, what is held, and what is left; exit 7 nothing is deployed but a P0',
    )
    .action(() => execute(async (io) => (await import('../commands/budget.ts')).budget(io)));
  program
    .command('judge')
    .description("a watch's verdict over recorded numbers; exit 0 healthy, 5 rollback, 3 neither")
    .argument('<file>', 'JSON: {baseline, config, series} or {looks, plannedLooks}')
    .action((file) =>
      execute(async (io) => (await import('../commands/judge.ts')).judge(io, { file })),
    );
  configured(program.command('scan'))
    .description(
      'look for secrets as the secrets gate does; exit 0 none, 7 found; values are never shown',
    )
    .argument('<directory>', 'what is shipped; symbolic links and .git are left out')
    .option('--project <name>', 'leave out what this project allows in plimsoll.yaml')
    .action((directory, options) =>
      execute(async (io) => (await import('../commands/scan.ts')).scan(io, directory, options)),
    );
  program
    .command('schema')
    .description('JSON Schema of plimsoll.yaml, for editors')
    .option('--example', 'the commented example instead: every key with its meaning')
    .action((options) =>
      execute(async (io) => (await import('../commands/schema.ts')).schema(io, options)),
    );
}
