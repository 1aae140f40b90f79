import { Option } from 'commander';
import { about, signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import { rollBack } from '../session/rollback.ts';

export const listing: Listing = {
  group: 'Stop and roll back',
  order: 1,
  summary: 'roll the live release back now, during a deploy or at any time after it',
};

export const verb: Verb = (command, execute) =>
  signed(about(command))
    .option(
      '--reason <text>',
      'why; needed after the deploy has closed, and recorded in the incident',
    )
    .option(
      '--to <commit>',
      'after the deploy has closed: the release to roll back to (default: the newest proven release before the live one)',
    )
    .addOption(
      new Option(
        '--blame',
        'after the deploy has closed: quarantine the live release and revert the branch',
      ),
    )
    .action((project, environment, options) =>
      execute((io) => rollBack(io, { project, environment, ...options })),
    );
