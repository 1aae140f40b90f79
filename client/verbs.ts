import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import type { Run } from './program.ts';

type Execute = (run: Run) => Promise<void>;

/** Every command: its words here, its work in commands/, loaded when it is chosen. */
export function addVerbs(program: Command, execute: Execute) {
  addMachine(program, execute);
  addDeploy(program, execute);
  addAdopt(program, execute);
  addViews(program, execute);
  addDecisions(program, execute);
  addLift(program, execute);
  addOrders(program, execute);
  addFlag(program, execute);
  addIncidents(program, execute);
  addTools(program, execute);
  addSandbox(program, execute);
}

const about = (command: Command) =>
  command
    .argument('<project>', 'as in plimsoll.yaml')
    .argument('<environment>', 'as in plimsoll.yaml');

const signed = (command: Command) =>
  command
    .option('--as <name>', 'your name in plimsoll.yaml (default: PLIMSOLL_AS, else the OS user)')
    .option('--key <path>', 'your private key (default: PLIMSOLL_KEY, else ~/.ssh/id_ed25519)');

const configured = (command: Command) =>
  command.option('--config <path>', 'the configuration', 'plimsoll.yaml');

function addMachine(program: Command, execute: Execute) {
  configured(program.command('up'))
    .description('run everything on this machine: Temporal, Web UI and a worker')
    .option('--data <path>', "where Temporal keeps its file (default: the user's data directory)")
    .action((options) => execute(async (io) => (await import('./commands/up.ts')).up(io, options)));
  configured(program.command('worker'))
    .description('run a worker against an existing Temporal server')
    .action((options) =>
      execute(async (io) => (await import('./commands/worker.ts')).worker(io, options)),
    );
}

function requestOptions(command: Command) {
  return signed(about(command))
    .option('--ref <ref>', 'branch, tag or commit', 'main')
    .option(
      '--restore-to <release>',
      'the way back: live, last-proven, or a commit (default: live)',
    )
    .option('--reason <text>', 'why, shown to the approvers', 'routine deploy')
    .addOption(
      new Option('--priority <priority>', 'P0 passes the budget and may supersede')
        .choices(['normal', 'P0'])
        .default('normal'),
    );
}

function addDeploy(program: Command, execute: Execute) {
  requestOptions(program.command('deploy'))
    .description('plan, gates, approval, release, smoke, watch; Ctrl-C only stops watching')
    .option('--expect-head <sha>', 'exit 6 unless the ref is this commit')
    .option('--detach', 'start it and come back at once')
    .action((project, environment, options) =>
      execute(async (io) =>
        (await import('./commands/deploy.ts')).deploy(io, { project, environment, ...options }),
      ),
    );
  requestOptions(program.command('plan'))
    .description('what a deploy would do, and whether its gates are open; changes nothing')
    .action((project, environment, options) =>
      execute(async (io) =>
        (await import('./commands/plan.ts')).plan(io, { project, environment, ...options }),
      ),
    );
}

function addAdopt(program: Command, execute: Execute) {
  signed(about(program.command('adopt')))
    .description('record what is live as the first known release, so that there is a way back')
    .option('--ref <ref>', 'its commit, where the hosts cannot say it', 'live')
    .option('--reason <text>', 'recorded', 'first release under Plimsoll')
    .action((project, environment, options) =>
      execute(async (io) =>
        (await import('./commands/adopt.ts')).adopt(io, { project, environment, ...options }),
      ),
    );
}

function addViews(program: Command, execute: Execute) {
  about(program.command('watch'))
    .description('follow a deploy until it closes; Ctrl-C only stops watching')
    .action((project, environment) =>
      execute(async (io) =>
        (await import('./commands/watch.ts')).watch(io, { project, environment }),
      ),
    );
  about(program.command('status'))
    .description("a deploy's state now; exit 8 while it runs, else by its outcome")
    .action((project, environment) =>
      execute(async (io) =>
        (await import('./commands/status.ts')).status(io, { project, environment }),
      ),
    );
}

function addDecisions(program: Command, execute: Execute) {
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
          (await import('./commands/decide.ts')).decide(io, verb, {
            project,
            environment,
            ...options,
          }),
        ),
      );
}

function addLift(program: Command, execute: Execute) {
  signed(about(program.command('lift')))
    .argument('<sha>', 'the quarantined commit, at least 7 digits')
    .description('sign that a quarantined release may ship again, once it is approved')
    .requiredOption('--reason <text>', 'why it is safe now: recorded')
    .action((project, environment, sha, options) =>
      execute(async (io) =>
        (await import('./commands/lift.ts')).lift(io, { project, environment, sha, ...options }),
      ),
    );
}

function addOrders(program: Command, execute: Execute) {
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
          (await import('./commands/order.ts')).order(io, verb, { project, environment }),
        ),
      );
}

function addFlag(program: Command, execute: Execute) {
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
        (await import('./commands/flag.ts')).flag(io, { project, words, ...options }),
      ),
    );
}

function addIncidents(program: Command, execute: Execute) {
  const incidents = program
    .command('incidents')
    .description('what went wrong, open ones first; with an ID its post-mortem draft')
    .argument('[id]', 'incident-…')
    .option('--project <project>', 'as in plimsoll.yaml')
    .action((id, options) =>
      execute(async (io) =>
        (await import('./commands/incidents.ts')).incidents(io, { id, ...options }),
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
        (await import('./commands/incidents.ts')).closeIncident(io, { id, ...options }),
      ),
    );
  program
    .command('reconcile')
    .description(
      'find deploys that were terminated or lost, and finish their way back; safe at any time',
    )
    .option('--project <project>', 'as in plimsoll.yaml')
    .action((options) =>
      execute(async (io) => (await import('./commands/reconcile.ts')).reconcile(io, options)),
    );
}

function addTools(program: Command, execute: Execute) {
  program
    .command('history')
    .description('what was recorded: deploys, decisions, incidents')
    .argument('[project]')
    .argument('[environment]')
    .option('--limit <count>', 'newest entries', '20')
    .option('--verify', 'instead: walk the whole ledger; exit 1 names the first broken row')
    .action((project, environment, options) =>
      execute(async (io) =>
        (await import('./commands/history.ts')).history(io, { project, environment, ...options }),
      ),
    );
  program
    .command('judge')
    .description("a watch's verdict over recorded numbers; exit 0 healthy, 5 rollback, 3 neither")
    .argument('<file>', 'JSON: {baseline, config, series} or {looks, plannedLooks}')
    .action((file) =>
      execute(async (io) => (await import('./commands/judge.ts')).judge(io, { file })),
    );
  program
    .command('schema')
    .description('JSON Schema of plimsoll.yaml, for editors')
    .option('--example', 'the commented example instead: every key with its meaning')
    .action((options) =>
      execute(async (io) => (await import('./commands/schema.ts')).schema(io, options)),
    );
}

function addSandbox(program: Command, execute: Execute) {
  program
    .command('sandbox')
    .description("look at a sandbox's stand-ins, or make them fail")
    .addArgument(new Argument('<what>').choices(['effects', 'faults', 'truth']))
    .argument('[fault...]', 'after faults: SERVICE MATCH KIND, or clear, or release')
    .option('--times <count>', 'how often the fault strikes', '1')
    .option('--control <url>', 'the control plane (default: PLIMSOLL_SANDBOX)')
    .action((what, fault, options) =>
      execute(async (io) =>
        (await import('./commands/sandbox.ts')).sandbox(io, { what, fault, ...options }),
      ),
    );
}
