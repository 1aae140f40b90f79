import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { publicSealKeyText } from '../../../activities/lib/seal-key.ts';
import { places } from '../../../client/commands/completion.ts';
import { decide } from '../../../client/session/decide.ts';
import { deploy } from '../../../client/commands/deploy.ts';
import { history } from '../../../client/commands/history.ts';
import { order } from '../../../client/session/order.ts';
import { plan } from '../../../client/commands/plan.ts';
import { status } from '../../../client/commands/status.ts';
import { watch } from '../../../client/commands/watch.ts';
import { deployId, messages } from '../../../domain/deploy/wire.ts';
import { shortTimeLimits } from '../../support/io.ts';
import { withSession } from '../../../client/session/connect.ts';
import { overview } from '../../../client/session/overview.ts';
import { startStack } from '../stub/stack.ts';
import type { Stack } from '../stub/stack.ts';

let stack: Stack;
let stopWorker: () => Promise<void>;
beforeAll(async () => {
  stack = await startStack(inject('temporalBinary'));
});
afterAll(() => stack?.stop());

const place = (environment: string) => ({ project: 'shop', environment });
const request = (environment: string, reason = 'succeeded') => ({
  ...place(environment),
  ref: 'main',
  reason,
  priority: 'normal' as const,
});

const failure = async (run: Promise<number>) => {
  const error = await run.then(
    (code) => new Error(`exit ${code}`),
    (cause: Error) => cause,
  );
  return { exitCode: (error as { exitCode?: number }).exitCode, message: error.message };
};

const start = (environment: string, reason?: string) =>
  deploy(stack.io(), { ...request(environment, reason), detach: true });

/** Waits until the memo of the stub workflow contains the plan. */
const planned = async (environment: string) => {
  const handle = stack.client.workflow.getHandle(deployId('shop', environment));
  await expect
    .poll(async () => Object.keys((await handle.describe()).memo ?? {}), { timeout: 10_000 })
    .toContain('plan');
};

describe('before any worker was ever started', () => {
  it('a deploy tells how to start one', async () => {
    expect(await failure(deploy(stack.io(), request('production')))).toEqual({
      exitCode: 1,
      message: `No worker has ever started at ${stack.env.TEMPORAL_ADDRESS} (namespace default), so nothing can be done.
Start one with your configuration:  plimsoll worker --config plimsoll.yaml
Or everything on this machine:  plimsoll up`,
    });
  });

  it('a status tells that there was no deploy', async () => {
    expect(await failure(status(stack.io(), place('production')))).toEqual({
      exitCode: 1,
      message: `No deploy of shop production was ever started here.
Start one: plimsoll deploy shop production`,
    });
  });
});

describe('with a worker that is gone', () => {
  beforeAll(() => stack.announce({ projects: { shop: ['production', 'staging', 'one', 'two'] } }));

  it('completion still knows every project and its environments', async () => {
    const io = stack.io();
    expect(await places(io)).toBe(0);
    expect(io.stdout).toEqual(['production', 'staging', 'one', 'two'].map((it) => `shop ${it}`));
  });

  it('an unknown project is reported first, with the likely name', async () => {
    expect(
      await failure(deploy(stack.io(), { ...request('production'), project: 'shpo' })),
    ).toEqual({
      exitCode: 2,
      message: `There is no project "shpo". Did you mean "shop"? Nothing was started.
Known projects: shop.
The names come from the worker's plimsoll.yaml. After a change, start the worker again: plimsoll worker`,
    });
  });

  it.each(['prodution', 'constructor'])('an unknown environment as well: %s', async (name) => {
    const { exitCode, message } = await failure(deploy(stack.io(), request(name)));
    expect(exitCode).toBe(2);
    expect(message).toContain(`There is no environment "${name}" of shop.`);
    expect(message).toContain('\nKnown environments of shop: production, staging, one, two.\n');
  });

  it('nothing is started', async () => {
    expect(await failure(deploy(stack.io(), request('production')))).toEqual({
      exitCode: 1,
      message: `No worker polls the queue plimsoll-stub. Nothing was started.
Start the worker of this queue again:  plimsoll worker --config plimsoll.yaml
Or everything on this machine:  plimsoll up`,
    });
    await expect(
      stack.client.workflow.getHandle(deployId('shop', 'production')).describe(),
    ).rejects.toThrow(/not found/i);
  });
});

describe('with a worker', () => {
  beforeAll(async () => {
    await stack.announce({ projects: { shop: ['production', 'staging', 'one', 'two', 'three'] } });
    stopWorker = await stack.work();
  });
  afterAll(() => stopWorker());

  it('a ref that is an option is refused before anything is signed', async () => {
    const wrong = { ...request('production'), ref: '--upload-pack=x' };
    expect(await failure(deploy(stack.io(), wrong))).toEqual({
      exitCode: 2,
      message:
        'The ref "--upload-pack=x" cannot be used: it begins with "-". Nothing was started.\n' +
        'See what is allowed: plimsoll deploy --help',
    });
  });

  it('a reason that says nothing is refused before anything is signed', async () => {
    const hotfix = { ...request('production', ' . '), priority: 'P0' as const };
    expect(await failure(deploy(stack.io(), hotfix))).toEqual({
      exitCode: 2,
      message:
        'The reason " . " cannot be used: the reason tells the approver nothing: ' +
        'use at least 3 letters or digits, such as "logins fail". Nothing was started.\n' +
        'Ask again with a reason: plimsoll deploy shop production --ref main ' +
        '--reason "what changes, and why now"',
    });
  });

  it("a request that the worker refuses is reported in the worker's words", async () => {
    expect(await failure(deploy(stack.io(), request('one', 'refused')))).toEqual({
      exitCode: 2,
      message: "The signature is not alice's.",
    });
  });

  it('a plan is printed, and a closed gate is exit 7', async () => {
    const io = stack.io();
    expect(await plan(io, request('one'))).toBe(0);
    expect(io.stdout.join()).toMatch(/^shop one: bbbbbbb for bob\n/);
    expect(await plan(stack.io(), request('one', 'closed gate'))).toBe(7);
  });

  it('history is read by a workflow', async () => {
    const io = stack.io();
    expect(await history(io, { limit: '5' })).toBe(0);
    expect(io.stdout).toEqual([
      '2026-01-01T00:00:00.000Z closed          shop production outcome=succeeded limit=5',
    ]);
  });

  it('history --verify exits with 1 and names the first wrong row', async () => {
    const io = stack.io();
    expect(await history(io, { limit: '20', verify: true })).toBe(1);
    expect(io.stdout).toEqual([
      'The ledger is broken: row 2 ("b") was changed after it was written. Row 2 is the first wrong row; 1 row before it verified.\n' +
        'Plimsoll did not make this change. Keep the database as it is for the investigation, and compare it with a backup: docs/ledger.md',
    ]);
  });

  it('--expect-head refuses another commit and starts nothing', async () => {
    const options = { ...request('two'), expectHead: 'c'.repeat(40) };
    expect(await failure(deploy(stack.io(), options))).toEqual({
      exitCode: 6,
      message: `main is bbbbbbb now, not ccccccc. Nothing was started.
See what would be deployed: plimsoll plan shop two --ref main`,
    });
  });

  it('a second deploy of the same place reports the owner, the start time, and how to watch it', async () => {
    expect(await start('staging', 'rolled-back')).toBe(0);
    await planned('staging');
    const { exitCode, message } = await failure(start('staging', 'it again'));
    expect(exitCode).toBe(4);
    const [first, ...rest] = message.split('\n');
    expect(first).toMatch(
      /^shop staging is already being deployed, by bob \(bbbbbbb: rolled-back\), since \d+ s \(\S+Z\)\.$/,
    );
    expect(rest).toEqual([
      'Your deploy was not started: it asks for "it again".',
      'Watch it:      plimsoll watch shop staging',
      'End it:        plimsoll abort shop staging',
    ]);
    const apart = await failure(start('staging', 'another branch'));
    expect(apart.message.split('\n').at(-2)).toBe(
      'Replace it:    plimsoll deploy shop staging --ref main --supersede',
    );
  });

  it('status is exit 8 while it waits', async () => {
    const io = stack.io();
    expect(await status(io, place('staging'))).toBe(8);
    expect(io.stdout[0]).toMatch(
      /^live now: aaaaaaa .* · waiting for: .* · do this: plimsoll approve shop staging/,
    );
  });

  it('plan and status are exit 4 if no worker sealed the plan, and this machine can tell', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const env = { ...stack.env, PLIMSOLL_SEAL_PUBLIC: publicSealKeyText(publicKey) };
    const io = stack.io({ env });
    expect(await status(io, place('staging'))).toBe(4);
    expect(io.stderr.join('\n')).toContain('Do not trust the state above.');
    const refused = await failure(plan(stack.io({ env }), request('staging')));
    expect(refused).toMatchObject({ exitCode: 4, message: expect.stringContaining('not shown.') });
  });

  it('an approval of another commit is exit 6, and nothing is signed', async () => {
    const options = { ...place('staging'), sha: 'c'.repeat(40) };
    expect(await failure(decide(stack.io(), 'approve', options))).toEqual({
      exitCode: 6,
      message: `The deploy that waits in shop staging has commit bbbbbbb, not ccccccc. Nothing was signed.
See the waiting commit:  plimsoll status shop staging`,
    });
  });

  it("somebody else's approval is refused by the worker, with the reason", async () => {
    expect(
      await failure(
        decide(stack.io(), 'approve', { ...place('staging'), as: 'mallory', yes: true }),
      ),
    ).toEqual({
      exitCode: 4,
      message: `The decision does not count: mallory is not a configured approver. The ledger records it, and nothing changed.
See who may approve:  plimsoll status shop staging`,
    });
  });

  it('--print gives the signed decision and sends nothing', async () => {
    const io = stack.io();
    expect(await decide(io, 'reject', { ...place('staging'), print: true })).toBe(0);
    const signed = JSON.parse(io.stdout[0]!);
    expect(signed.decision).toMatchObject({
      subject: 'deploy',
      decision: 'reject',
      approver: 'bob',
    });
    expect(signed.signature).toMatch(/^-----BEGIN SSH SIGNATURE-----/);
    expect(io.stderr.at(-1)).toBe(
      'The decision was not sent. To send the decision, open deploy/shop/staging in the Web UI. Send a signal with the name "decide" and this JSON as its input.',
    );
  });

  it('an approval asks after it has shown what it signs, and only a yes signs', async () => {
    expect(await failure(decide(stack.io(), 'approve', place('staging')))).toEqual({
      exitCode: 4,
      message: `Nobody confirmed the plan, because you can be asked only on a terminal, without --no-input and --json. Nothing was signed.
Read the plan, then sign it:  plimsoll approve shop staging --sha bbbbbbb --yes`,
    });
    for (const answer of ['', 'n', 'yess', 'approve']) {
      const io = stack.io({ answers: [answer] });
      expect(await failure(decide(io, 'approve', place('staging')))).toEqual({
        exitCode: 4,
        message: `You did not confirm the plan. Nothing was signed.
Try again:  plimsoll approve shop staging`,
      });
      expect(io.stderr.at(-1)).toBe('Approve this deploy? [y/N] ');
      expect(io.stderr.at(-2)).toMatch(
        /^shop staging: bbbbbbb "[^"]+", live now aaaaaaa.*\n1 commit, /,
      );
    }
  });

  it('an approval that counts is exit 0, and watch ends with the outcome', async () => {
    const io = stack.io();
    const watching = watch(io, place('staging'));
    await expect.poll(() => io.stderr.length).toBeGreaterThan(0);
    const approving = stack.io({ timeLimits: shortTimeLimits });
    expect(await decide(approving, 'approve', { ...place('staging'), yes: true })).toBe(0);
    expect(approving.stdout).toEqual(['The decision counts: bob says approve.']);
    expect(await watching).toBe(5);
    expect(io.stdout).toEqual(['shop staging bbbbbbb: rolled-back\n  asked for rolled-back']);
    expect(io.stderr[0]).toMatch(/^\d\d:\d\d:\d\dZ approval · waiting for: 1 approval by bob/);
    expect(await status(stack.io(), place('staging'))).toBe(5);
  });

  it('a closed deploy takes no decision and no order any more', async () => {
    for (const run of [
      () => decide(stack.io(), 'approve', place('staging')),
      () => order(stack.io(), 'rollback', place('staging')),
    ]) {
      const { exitCode, message } = await failure(run());
      expect(exitCode).toBe(4);
      expect(message).toMatch(
        /^The deploy of shop staging is closed \(rolled-back, \S+Z\): (approve|rollback) changes nothing any more\.\nWhat happened: plimsoll status shop staging\nDeploy another commit: plimsoll deploy shop staging --ref COMMIT$/,
      );
    }
  });

  it('abort before any effect says that production was not touched', async () => {
    await start('one');
    await planned('one');
    const io = stack.io();
    expect(await order(io, 'abort', place('one'))).toBe(0);
    expect(io.stdout).toEqual([
      'shop one: the deploy closes as aborted in approval; production was not touched.',
    ]);
    expect(await watch(stack.io(), place('one'))).toBe(1);
  });

  it('rollback across a migration says who must sign, and sends nothing', async () => {
    await start('one', 'awaiting-rollback-approval');
    await planned('one');
    expect(await failure(order(stack.io(), 'rollback', place('one')))).toEqual({
      exitCode: 4,
      message: `The rollback of shop one needs a signature, because the previous release may not work with the schema migrations of the new release. Nothing was sent.
Roll back anyway, as an approver:  plimsoll reject shop one`,
    });
    const io = stack.io();
    expect(await order(io, 'abort', place('one'))).toBe(0);
    expect(io.stdout).toEqual([
      'shop one: the deploy closes as rollback-not-approved; the live release stays as it is.',
    ]);
  });

  it('a plan whose digest does not fit is never signed', async () => {
    await start('two', 'forged');
    await planned('two');
    expect(await failure(decide(stack.io(), 'approve', place('two')))).toEqual({
      exitCode: 4,
      message: `The plan of shop two does not match its digest ffffffff: somebody changed it, or another version of Plimsoll wrote it. Nothing was signed.
End the deploy, then deploy again:  plimsoll abort shop two`,
    });
    await order(stack.io(), 'abort', place('two'));
    await watch(stack.io(), place('two'));
  });

  it('solo mode with a key file needs a human who types the short digest', async () => {
    await start('two', 'solo');
    await planned('two');
    expect(await failure(decide(stack.io(), 'approve', place('two')))).toEqual({
      exitCode: 4,
      message: `In solo mode with a key file, a human must type the short digest at a terminal. This is impossible with --no-input, --json or a pipe. Nothing was signed.
On a terminal:  plimsoll approve shop two`,
    });
    const typed = await failure(decide(stack.io({ answers: ['yes'] }), 'approve', place('two')));
    expect(typed.message).toMatch(
      /^The typed text is not [0-9a-f]{8}\. Nothing was signed\.\nTry again: /,
    );
    const io = stack.io({ asks: true, ask: async (question) => /Type (\w+)/.exec(question)![1]! });
    expect(await decide(io, 'approve', place('two'))).toBe(0);
    expect(await watch(stack.io(), place('two'))).toBe(1);
  });

  it('Ctrl-C stops watching and nothing else', async () => {
    const io = stack.io();
    const deploying = deploy(io, request('three'));
    await planned('three');
    await expect.poll(() => io.stderr.length).toBeGreaterThan(0);
    process.emit('SIGINT');
    expect(await deploying).toBe(130);
    expect(io.stderr.at(-1)).toBe(`You no longer watch the deploy. The deploy continues.
Watch it again:  plimsoll watch shop three
Stop it:         plimsoll abort shop three`);
    const { status } = await stack.client.workflow.getHandle(deployId('shop', 'three')).describe();
    expect(status.name).toBe('RUNNING');
  });
});

describe('status without a place, while no worker runs', () => {
  const shown = async (project?: string) => {
    const io = stack.io({ timeLimits: shortTimeLimits });
    const code = await withSession(io, {}, (session) =>
      overview(io, session, { project, watch: false }),
    );
    return { code, lines: io.stdout.join('\n').split('\n') };
  };

  it('shows one line for every place: state, since when, commit, and what it waits for', async () => {
    const { code, lines } = await shown();
    expect(code).toBe(0);
    expect(lines.find((line) => line.startsWith('shop staging'))).toMatch(
      /^shop staging +rolled-back +\d+ (s|min) +bbbbbbb$/,
    );
    expect(lines.find((line) => line.startsWith('shop three'))).toMatch(
      /^shop three +approval +\d+ (s|min) +bbbbbbb, waiting for: a worker$/,
    );
    expect((await shown('shop')).lines).toHaveLength(lines.length);
  });

  it('shows the places of a known project only', async () => {
    await expect(shown('shpo')).rejects.toThrow('There is no project "shpo". Did you mean "shop"?');
  });
});

describe('with every worker down', () => {
  it('an approval is stored and counts later, and status still tells what waits', async () => {
    const io = stack.io({ timeLimits: shortTimeLimits });
    expect(await status(io, place('three'))).toBe(8);
    expect(io.stdout[0]).toMatch(
      /^live now: aaaaaaa when this deploy was planned · waiting for: a worker · do this: plimsoll worker\n/,
    );
    const approving = stack.io({ timeLimits: shortTimeLimits });
    expect(await decide(approving, 'approve', { ...place('three'), yes: true })).toBe(8);
    expect(approving.stdout).toEqual([
      `Temporal has stored the decision, but no worker has ruled on it yet. A worker rules on it as soon as a worker runs again.
See the ruling:  plimsoll status shop three`,
    ]);
    stopWorker = await stack.work();
    expect(await watch(stack.io({ json: true }), place('three'))).toBe(0);
    await stopWorker();
  });

  it('a terminated deploy is reported as terminated', async () => {
    const handle = await stack.client.workflow.start(messages.registry, {
      taskQueue: 'nobody',
      workflowId: deployId('shop', 'gone'),
    });
    await handle.terminate();
    expect(await failure(watch(stack.io(), place('gone')))).toEqual({
      exitCode: 1,
      message: `The deploy of shop gone was terminated from outside: nothing was rolled back.
The last known state: plimsoll status shop gone`,
    });
  });
});
