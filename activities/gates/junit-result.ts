import { attribute, attributeNames, children, nameOf, type Node } from './junit-xml.ts';

/**
 * The result of one test case. `excused`: the test failed, but the test program does not count the
 * failure. `word`: the word or element that Plimsoll does not know.
 */
export type Result =
  | { kind: 'passed' }
  | { kind: 'skipped'; excused: boolean }
  | { kind: 'failed' }
  | { kind: 'unknown'; word: string };

const words = (text: string) => new Set(text.split(' '));
/**
 * The words that mean "passed", in lower case and without spaces, "-" and "_". GoogleTest writes
 * "run".
 */
const passed = words('passed pass success successful succeeded ok run completed executed fixed');
const skipped = words(
  'skipped skip disabled notrun notexecuted ignored suppressed excluded deselected inactive ' +
    'pending pended todo untested nottested notapplicable na ignore omitted omission ' +
    'assumptionfailure knownfailure xfail xfailed expectedfailure',
);
const failed = words(
  'failed fail failure failing error errored broken crash crashed timeout timedout aborted ' +
    'cancelled canceled interrupted killed undefined hookerror cleanuperror regression',
);

/** Attributes and properties in which programs write the result of a test, such as status. */
const ofResult =
  /^(?:(?:test|case|execution|run|final)[_.-]?)?(?:status|result|outcome|state|verdict|conclusion)$/i;
/**
 * Attributes with the value "true" or "false". For each attribute, the table has the value that
 * decides and the result of a test with this value.
 */
const booleans: Record<string, [says: boolean, result: Result]> = {
  success: [false, { kind: 'failed' }],
  passed: [false, { kind: 'failed' }],
  failed: [true, { kind: 'failed' }],
  error: [true, { kind: 'failed' }],
  executed: [false, { kind: 'skipped', excused: false }],
  skipped: [true, { kind: 'skipped', excused: false }],
  disabled: [true, { kind: 'skipped', excused: false }],
  ignored: [true, { kind: 'skipped', excused: false }],
};
const [isTrue, isFalse] = [words('true 1 yes'), words('false 0 no')];

/**
 * Elements of a test case that do not change its result. Maven writes flakyFailure and flakyError
 * for a test that passed in a second run. Maven writes rerunFailure and rerunError in addition to a
 * failure.
 */
const withoutResult = words(
  'properties property systemout systemerr flakyfailure flakyerror rerunfailure rerunerror ' +
    'attachments attachment traits trait tags labels links description output metadata time text',
);

/**
 * The reasons that CTest writes if it could not start a test. CTest counts such a test as failed,
 * but writes the element "skipped".
 */
const couldNotRun =
  /^(Unable to find executable|Missing Configuration|Required Files Missing|Fixture dependency failed|Failed test dependencies|Invalid resource spec|Insufficient resources|Failed to start)/i;

const simple = (word: string) => word.toLowerCase().replaceAll(/[\s_/-]/g, '');

export function resultOf(test: Node): Result {
  const said = [...attributesOf(test), ...elementsOf(test), ...propertiesOf(test)];
  const isTodo = children(test, 'skipped').some((one) => attribute(one, 'type') === 'todo');
  const hasFailed = said.some(({ kind }) => kind === 'failed');
  // If a test with the mark "todo" fails, Node writes both a failure and "skipped", and exits with
  // 0.
  if (hasFailed && isTodo && !('error' in test)) return { kind: 'skipped', excused: true };
  for (const kind of ['failed', 'skipped', 'unknown'] as const) {
    const found = said.find((one) => one.kind === kind);
    if (found) return found;
  }
  return { kind: 'passed' };
}

function attributesOf(test: Node): Result[] {
  const results = attributeNames(test).flatMap((name) => {
    const word = ofResult.test(name) ? attribute(test, name) : undefined;
    return word === undefined ? [] : [byWord(word, `${name}="${word.slice(0, 40)}"`)];
  });
  const flags = Object.entries(booleans).flatMap(([name, [says, result]]): Result[] => {
    const word = attribute(test, name);
    if (word === undefined || (says ? isFalse : isTrue).has(simple(word))) return [];
    return (says ? isTrue : isFalse).has(simple(word))
      ? [result]
      : [{ kind: 'unknown', word: `${name}="${word.slice(0, 40)}"` }];
  });
  return [...results, ...flags];
}

/**
 * A property may say that a test failed. No other word in a property counts, because such words
 * have too many meanings.
 */
const propertiesOf = (test: Node): Result[] =>
  children(test, 'properties')
    .flatMap((all) => children(all, 'property'))
    .filter(
      (one) =>
        ofResult.test(attribute(one, 'name') ?? '') &&
        failed.has(simple(attribute(one, 'value') ?? '')),
    )
    .map(() => ({ kind: 'failed' }));

function byWord(text: string, shown: string): Result {
  const word = simple(text);
  if (passed.has(word)) return { kind: 'passed' };
  if (failed.has(word)) return { kind: 'failed' };
  return skipped.has(word) ? { kind: 'skipped', excused: false } : { kind: 'unknown', word: shown };
}

const elementsOf = (test: Node): Result[] =>
  Object.keys(test)
    .filter((name) => /^[^@#?]/.test(name) && !withoutResult.has(simple(name)))
    .flatMap((name) => {
      if (simple(name) !== 'skipped') return [byWord(name, `<${name.slice(0, 40)}>`)];
      return children(test, name).map((one): Result => {
        const reason = attribute(one, 'message') ?? '';
        return couldNotRun.test(reason) ? { kind: 'failed' } : { kind: 'skipped', excused: false };
      });
    });

/** True if the suite failed outside of its tests, for example before its first test. */
export const isBroken = (suite: Node): boolean =>
  Object.keys(suite).some((name) => /^[^@#?]/.test(name) && failed.has(simple(name))) ||
  attributeNames(suite).some(
    (name) => ofResult.test(name) && failed.has(simple(attribute(suite, name) ?? '')),
  );

/** Returns a text that names the test and the word that Plimsoll does not know. */
export const unknownText = (test: Node, word: string) => `${nameOf(test)} (${word})`;
