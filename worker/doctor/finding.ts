import { scrub } from '../../activities/slack/scrub.ts';

/**
 * What one look found; `text` of a problem ends with its remedy. `absent`: optional and not configured.
 * `unchecked`: something that it needs is a problem itself.
 */
export type Finding = {
  check: string;
  state: 'ok' | 'problem' | 'absent' | 'unchecked';
  text: string;
};

const mostMs = 30_000;

/** Whatever `look` throws, and no answer within 30 s, is a problem. Never rejects. */
export async function check(
  name: string,
  look: () => string | Promise<string>,
  ms = mostMs,
): Promise<Finding> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(noAnswer(ms))), ms);
  try {
    return { check: name, state: 'ok', text: await Promise.race([look(), late.promise]) };
  } catch (cause) {
    return { check: name, state: 'problem', text: scrub((cause as Error).message) };
  } finally {
    clearTimeout(timer);
  }
}

export const absent = (name: string, text: string): Finding => ({
  check: name,
  state: 'absent',
  text,
});

export const unchecked = (name: string, needs: string): Finding => ({
  check: name,
  state: 'unchecked',
  text: `needs ${needs}`,
});

/** Unknown is never a pass. */
export const inOrder = (findings: readonly Finding[]) =>
  findings.every(({ state }) => state === 'ok' || state === 'absent');

const noAnswer = (ms: number) =>
  `There was no answer within ${ms / 1000} s, so nothing is known of it.\n` +
  'Check the network between this machine and it, and run doctor again.';
