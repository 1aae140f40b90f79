import { createHmac, randomBytes } from 'node:crypto';

export type WebhookOptions = {
  url: string;
  secret: string;
  /** Every event comes twice. */
  duplicates?: boolean;
  /** Every second event comes before the one before it. */
  reordered?: boolean;
};
export type WebhookEvent = { type: string; payload: Record<string, unknown> };

const newId = () => `evt_${randomBytes(12).toString('hex')}`;

/** Signed as Vercel signs: hex HMAC-SHA1 of the raw body. Nobody is waited for. */
export class Webhooks {
  #options: WebhookOptions | null;
  #held: string | null = null;
  #sent: Promise<unknown> = Promise.resolve();
  #closing: AbortSignal;

  constructor(options: WebhookOptions | null, closing: AbortSignal) {
    this.#options = options;
    this.#closing = closing;
  }

  tell({ type, payload }: WebhookEvent) {
    const { duplicates, reordered } = this.#options ?? {};
    const body = JSON.stringify({
      id: newId(),
      type,
      createdAt: Date.now(),
      region: null,
      payload,
    });
    if (reordered && this.#held === null) {
      this.#held = body;
      return;
    }
    for (const one of [body, ...(this.#held === null ? [] : [this.#held])]) {
      this.#send(one);
      if (duplicates) this.#send(one);
    }
    this.#held = null;
  }

  #send(body: string) {
    if (!this.#options) return;
    const { url, secret } = this.#options;
    const signature = createHmac('sha1', secret).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-vercel-signature': signature };
    const options = { method: 'POST', headers, body, signal: this.#closing };
    // One after the other: what comes out of order does so because it was asked for.
    this.#sent = this.#sent.then(() =>
      fetch(url, options).then(
        (answer) => answer.body?.cancel(),
        () => undefined,
      ),
    );
  }

  /** Until nothing is under way any more. */
  async idle() {
    await this.#sent;
  }
}
