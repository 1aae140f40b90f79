import type { Payload, PayloadCodec } from '@temporalio/common';
import { DefaultLogger } from '@temporalio/worker';
import type { ActivityInterceptorsFactory, LogLevel, LogMetadata } from '@temporalio/worker';
import { knownSecrets } from '../activities/lib/known-secrets.ts';

/**
 * Removes secrets from the failures of activities. An interceptor does this, because a codec does
 * not get the messages of failures.
 */
export const cleanFailures: ActivityInterceptorsFactory = () => ({
  inbound: {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (cause) {
        throw knownSecrets.cleanAll(cause);
      }
    },
  },
});

/**
 * Removes secrets from every payload that the worker sends to the Temporal server. These are
 * results, heartbeats, inputs, memos, and answers to queries. The server stores most of them. Texts
 * from the server are not changed.
 */
export const cleaningCodec: PayloadCodec = {
  encode: async (payloads) => payloads.map(cleanPayload),
  decode: async (payloads) => payloads,
};

function cleanPayload(payload: Payload): Payload {
  if (!payload.data) return payload;
  const text = Buffer.from(payload.data).toString('utf8');
  const cleaned = knownSecrets.clean(text);
  if (cleaned === text) return payload;
  return { ...payload, data: Buffer.from(cleanJson(text) ?? cleaned) };
}

/**
 * Returns the JSON text without secrets in its values. Returns null if the text is not JSON. The
 * values are parsed first, because a replacement in the text itself could break the JSON, for
 * example inside a number.
 */
function cleanJson(text: string): string | null {
  try {
    return JSON.stringify(knownSecrets.cleanAll(JSON.parse(text) as unknown));
  } catch {
    return null;
  }
}

/** Removes secrets from the log of the worker, and from errors of libraries in this log. */
export class CleanLogger extends DefaultLogger {
  override log(level: LogLevel, message: string, meta?: LogMetadata) {
    super.log(level, knownSecrets.clean(message), knownSecrets.cleanAll(meta));
  }
}
