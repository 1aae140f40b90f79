import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';

export type RuntimeRow = {
  rowId: string;
  timestampInMs: number;
  level: 'debug' | 'error' | 'fatal' | 'info' | 'trace' | 'warning';
  message: string;
  messageTruncated: boolean;
  source: 'delimiter' | 'edge-function' | 'edge-middleware' | 'request' | 'serverless';
  domain: string;
  requestMethod: string;
  requestPath: string;
  responseStatusCode: number;
};
export type Asked = { domain: string; method: string; path: string; status: number };

/**
 * The log of one deployment. A listener receives only the lines that are written after the listener
 * connected.
 */
export class RuntimeRows {
  #listeners = new Set<PassThrough>();

  add(asked: Asked, row: Pick<RuntimeRow, 'level' | 'source' | 'message'>) {
    const whole: RuntimeRow = {
      rowId: randomUUID(),
      timestampInMs: Date.now(),
      ...row,
      message: row.message.slice(0, 2000),
      messageTruncated: row.message.length > 2000,
      domain: asked.domain,
      requestMethod: asked.method,
      requestPath: asked.path,
      responseStatusCode: asked.status,
    };
    for (const listener of this.#listeners) listener.write(`${JSON.stringify(whole)}\n`);
  }

  listen(): PassThrough {
    const listener = new PassThrough();
    this.#listeners.add(listener);
    listener.on('error', () => {}).once('close', () => this.#listeners.delete(listener));
    return listener;
  }

  get listening() {
    return this.#listeners.size;
  }

  end() {
    for (const listener of this.#listeners) listener.end();
    this.#listeners.clear();
  }
}
