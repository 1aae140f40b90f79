import { statSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { realBundle } from './mutant.ts';
import { textsOf } from './neutral.ts';
import { previousReleases, refused, refusedReleases } from './previous-releases.ts';
import { activitiesOf, directory, names, read } from './recorded.ts';
import type { Recorded } from './recorded.ts';
import { replay } from './replay.ts';
import { scenes } from './scenes.ts';

test('every path of a deploy was recorded, its aftermath and the read-only workflows too', () => {
  const recorded = scenes.map(({ name }) => name);
  const after = ['failed-watch', 'failed-start', 'aborted-watch', 'cancelled'].concat([
    'awaiting-rollback-approval',
    'awaiting-rollback-approval-signed',
    'still-failing',
  ]);
  const aftermaths = after.map((name) => `aftermath-of-${name}`);
  expect(names).toEqual([...recorded, ...aftermaths, 'plan', 'history'].toSorted());
});

/** The history three times: its first, middle or last activity has another name. */
function renamedCopies(name: string): Recorded[] {
  const count = activitiesOf(read(name)).length;
  return [...new Set([0, Math.floor(count / 2), count - 1])].map((index) => {
    const history = read(name);
    activitiesOf(history)[index]!.name = 'somethingElse';
    return history;
  });
}

describe('this version', () => {
  const renamed = names.flatMap((name) => renamedCopies(name).map((copy) => ({ name, copy })));
  let errors: (Error | undefined)[];
  // Two workers replay all of them, because each new worker loads the bundle again. The copies of a
  // history have its run id, so a worker of their own replays the copies.
  beforeAll(async () => {
    const bundle = await realBundle();
    const ofCopies = renamed.map(({ copy }) => copy);
    errors = [...(await replay(bundle, names.map(read))), ...(await replay(bundle, ofCopies))];
  });

  test.each(names)('%s: replays what an earlier version did', (name) => {
    expect(errors).toHaveLength(names.length + renamed.length);
    expect(errors[names.indexOf(name)]).toBeUndefined();
  });

  test.each(names)('%s: refuses the same history with one activity renamed', (name) => {
    const ofCopies = errors.slice(names.length).filter((_, index) => renamed[index]?.name === name);
    expect(ofCopies.length).toBeGreaterThan(0);
    expect(ofCopies).toEqual(ofCopies.map(() => refused));
  });
});

/**
 * The SDK does not process the events after the last workflow task that completed. So a replay of
 * such a history proves less than it seems to.
 */
test.each(names)('%s: was recorded to its end', (name) => {
  const types = read(name).events.map(({ eventType }) => eventType);
  expect(types.at(-1)).toMatch(/^EVENT_TYPE_WORKFLOW_EXECUTION_(COMPLETED|CANCELED)$/);
});

// Without these flags, a replay does not notice a wrong activity type.
test.each(names)('%s: the server wrote down which flags the SDK used', (name) => {
  const completed = read(name).events.flatMap(
    (event) => event.workflowTaskCompletedEventAttributes ?? [],
  );
  expect(completed.length).toBeGreaterThan(0);
  expect(completed[0]?.sdkMetadata?.coreUsedFlags?.length).toBeGreaterThan(0);
});

test.each(names)('%s: small, and without a secret or the name of a machine', (name) => {
  expect(statSync(new URL(`${name}.json`, directory)).size).toBeLessThan(200 * 1024);
  const text = textsOf(read(name) as never).join('\n');
  expect(text).toContain('production');
  expect(text).not.toMatch(/gh[opsu]_\w{10}|xox[abp]-|PRIVATE KEY|Bearer |x-access-token/);
  const paths = text.match(/(?<![\w.:/])\/(home|root|tmp|work|Users|var|opt)\/[\w.-]+/g) ?? [];
  const known = ['/tmp/plimsoll-recording', '/opt/plimsoll', '/home/deploy'];
  expect(paths.filter((path) => !known.includes(path))).toEqual([]);
});

refusedReleases(previousReleases.filter(({ always }) => always));
