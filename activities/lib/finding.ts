import { scrub } from '../../domain/messages/parts/scrub.ts';
import { knownSecrets } from './known-secrets.ts';

/**
 * The result of one check of `plimsoll doctor`. If `state` is 'problem', `text` ends with the
 * remedy. 'absent' means that the feature is optional and not configured. 'unchecked' means that
 * the check did not run, because another check must succeed first.
 */
export type Finding = {
  check: string;
  state: 'ok' | 'problem' | 'absent' | 'unchecked';
  text: string;
};

const mostMs = 30_000;

/**
 * Runs one check. If `examine` throws, or returns no result within `ms`, the state of the finding is
 * 'problem'. Never rejects.
 */
export async function check(
  name: string,
  examine: () => string | Promise<string>,
  ms = mostMs,
): Promise<Finding> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(noAnswer(ms))), ms);
  try {
    const text = await Promise.race([examine(), late.promise]);
    return { check: name, state: 'ok', text: knownSecrets.clean(text) };
  } catch (cause) {
    return {
      check: name,
      state: 'problem',
      text: scrub(knownSecrets.clean((cause as Error).message)),
    };
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

/** True if every finding is 'ok' or 'absent'. */
export const inOrder = (findings: readonly Finding[]) =>
  findings.every(({ state }) => state === 'ok' || state === 'absent');

const noAnswer = (ms: number) =>
  `There was no answer within ${ms / 1000} s, so the state is unknown.\n` +
  'Check the network of this machine, then run doctor again.';
