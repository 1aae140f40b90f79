import type { Command } from 'commander';
import { about, signed } from './shared.ts';
import type { Execute } from './shared.ts';

export function addDecisions(program: Command, execute: Execute) {
  const words = {
    approve: 'sign that the waiting deploy may ship',
    reject: 'sign that the waiting deploy must not ship; asked to keep it, that it goes back',
    keep: 'sign that a release nobody could prove healthy stays',
  } as const;
  for (const verb of ['approve', 'reject', 'keep'] as const)
    signed(about(program.command(verb)))
      .description(words[verb])
      .option('--sha <sha>', 'exit 6 if another commit is waiting')
      .option('--print', 'only print the signed decision, to be sent from the Web UI')
      .action((project, environment, options) =>
        execute(async (io) =>
          (await import('../commands/decide.ts')).decide(io, verb, {
            project,
            environment,
            ...options,
          }),
        ),
      );
}

export function addLift(program: Command, execute: Execute) {
  signed(about(program.command('lift')))
    .argument('<sha>', 'the quarantined commit, at least 7 digits')
    .description('sign that a quarantined release may ship again, once it is approved')
    .requiredOption('--reason <text>', 'why it is safe now: recorded')
    .action((project, environment, sha, options) =>
      execute(async (io) =>
        (await import('../commands/lift.ts')).lift(io, { project, environment, sha, ...options }),
      ),
    );
}

export function addWaive(program: Command, execute: Execute) {
  signed(about(program.command('waive')))
    .argument('<finding>', 'as the audit gate prints it, such as GHSA-vh95-rmgr-6w4m')
    .description('sign that a finding of the security audit does no harm, until a day')
    .requiredOption('--reason <text>', 'why: every deploy that uses it shows it')
    .requiredOption('--until <day>', 'its last day, as 2027-01-31; at most 90 days away')
    .action((project, environment, finding, options) =>
      execute(async (io) =>
        (await import('../commands/waive.ts')).waive(io, {
          ...{ project, environment, finding },
          ...options,
        }),
      ),
    );
}

export function addStopLine(program: Command, execute: Execute) {
  signed(program.command('stop-line'))
    .argument(
      '<reason>',
      'why, or with --lift why it is safe again: every deploy that meets it shows it',
    )
    .description('sign that nothing new ships anywhere until it is lifted; going back stays free')
    .option('--lift', 'sign that deploys may ship again: approvers only')
    .action((reason, options) =>
      execute(async (io) =>
        (await import('../commands/stop-line.ts')).stopLine(io, { reason, ...options }),
      ),
    );
}

export function addOrders(program: Command, execute: Execute) {
  const words = {
    retry: 'try the step again that is stuck',
    rollback: 'take the release back now; needs no signature',
    abort: 'end the deploy; what reached production is taken back',
  } as const;
  for (const verb of ['retry', 'rollback', 'abort'] as const)
    about(program.command(verb))
      .description(words[verb])
      .action((project, environment) =>
        execute(async (io) =>
          (await import('../commands/order.ts')).order(io, verb, { project, environment }),
        ),
      );
}

export function addFlag(program: Command, execute: Execute) {
  program
    .command('flag')
    .usage('[options] <project> [environment] <text>')
    .description(
      'report that what is live is broken; the open deploy asks, and goes back in 15 min',
    )
    .argument('<project>', 'as in plimsoll.yaml')
    .argument(
      '<words...>',
      '"customers cannot pay"; before it the environment (default: production)',
    )
    .option('--as <name>', 'your name (default: PLIMSOLL_AS, else the OS user)')
    .action((project, words, options) =>
      execute(async (io) =>
        (await import('../commands/flag.ts')).flag(io, { project, words, ...options }),
      ),
    );
}
