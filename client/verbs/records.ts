import type { Command } from 'commander';
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
    .command('judge')
    .description("a watch's verdict over recorded numbers; exit 0 healthy, 5 rollback, 3 neither")
    .argument('<file>', 'JSON: {baseline, config, series} or {looks, plannedLooks}')
    .action((file) =>
      execute(async (io) => (await import('../commands/judge.ts')).judge(io, { file })),
    );
  program
    .command('schema')
    .description('JSON Schema of plimsoll.yaml, for editors')
    .option('--example', 'the commented example instead: every key with its meaning')
    .action((options) =>
      execute(async (io) => (await import('../commands/schema.ts')).schema(io, options)),
    );
}
