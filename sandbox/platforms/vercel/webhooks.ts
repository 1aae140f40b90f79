import { createHmac, randomBytes } from 'node:crypto';

export type WebhookOptions = {
  url: string;
  secret: string;
  /** If true, every event is sent twice. */
  duplicates?: boolean;
  /** If true, events are sent in pairs, and the later event of each pair comes first. */
  reordered?: boolean;
};
export type WebhookEvent = { type: string; payload: Record<string, unknown> };

const newId = () => `evt_${randomBytes(12).toString('hex')}`;

/**
 * Sends webhooks. The signature is the hex HMAC-SHA1 of the raw body, as at Vercel. Callers do not
 * wait for the delivery.
 */
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
    // Events are sent one after the other, so that only `reordered` changes their order.
    this.#sent = this.#sent.then(() =>
      fetch(url, options).then(
        (answer) => answer.body?.cancel(),
        () => undefined,
      ),
    );
  }

  /** Resolves when all events were sent. */
  async idle() {
    await this.#sent;
  }
}
