import type { Hint, Tell } from './state.ts';

export type HintsOptions = {
  url: string;
  /**
   * If true, every hint is sent twice. In addition, hints are sent in pairs, and the later hint of
   * each pair comes first.
   */
  disorder?: boolean;
};

/**
 * Makes the function that sends hints as Northflank does with RAW_WEBHOOK. A hint has no signature,
 * and is sent only once, even if sending fails. `settled` resolves when all hints were sent.
 */
export const createHints = (options: HintsOptions | undefined) => {
  const sent = new Set<Promise<unknown>>();
  let kept: Hint | undefined;
  const post = (hint: Hint) => {
    if (!options) return;
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(hint);
    const signal = AbortSignal.timeout(2000);
    const sending = fetch(options.url, { method: 'POST', headers, body, signal })
      .then((answer) => answer.body?.cancel())
      .catch(() => {});
    sent.add(sending);
    void sending.finally(() => sent.delete(sending));
  };
  const shuffled: Tell = (hint) => {
    if (!kept) return void (kept = hint);
    for (const one of [hint, kept, hint, kept]) post(one);
    kept = undefined;
  };
  const flush = () => {
    if (kept) post(kept);
    kept = undefined;
  };
  const settled = async () => {
    flush();
    await Promise.all(sent);
  };
  return { tell: options?.disorder ? shuffled : (post as Tell), settled };
};
