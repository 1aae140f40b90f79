import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Request } from 'undici';
import type { RequestInit, Response } from 'undici';
import { transport } from '../../activities/lib/http.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Exchange } from '../../sandbox/http.ts';
import { liveChecks } from '../../worker/live/live.ts';
import { rowOf } from './calls.ts';
import { problemsOf } from './problems.ts';
import { services } from './schema-source.ts';
import type { ServiceName } from './schema-source.ts';
import { scrubAnswer } from './scrub-answer.ts';

/** One real answer, without anything about the account. `day`: 2026-01-31. */
export type Stored = {
  call: string;
  status: number;
  day: string;
  /** In what the answer differs from the vendor's own specification. */
  differences: string[];
  body: unknown;
};

type Input = { config: Config; env: NodeJS.ProcessEnv; directory: string; day: string };
type Recorded = { lines: string[]; needs: string[]; stored: number };

const nameOf = (title: string) =>
  (Object.keys(services) as ServiceName[]).find((name) => services[name].title === title);

/**
 * Makes every read that `plimsoll doctor --live` makes, and stores the answers in `directory`, one
 * file for each call. Changes nothing at the services.
 */
export async function recordLive({ config, env, directory, day }: Input): Promise<Recorded> {
  const lines: string[] = [];
  const needs = new Set<string>();
  let stored = 0;
  for (const check of liveChecks(config, env)) {
    if (check.needs !== null) {
      needs.add(check.needs);
      continue;
    }
    const { heard, result } = await listening(check.run);
    const service = nameOf(result[0]?.vendor ?? '');
    if (service === undefined) continue;
    for (const partial of heard) {
      const exchange: Exchange = { ...partial, service };
      const row = rowOf(exchange);
      if (!row) continue;
      const differences = await problemsOf(exchange);
      const { status, body } = exchange;
      const scrubbed = scrubAnswer(body) ?? null;
      store(directory, service, { call: row.call, status, day, differences, body: scrubbed });
      stored += 1;
      lines.push(`stored  ${service} ${row.call} ${status}`);
      lines.push(...differences.map((text) => `differs ${text}`));
    }
  }
  return { lines, needs: [...needs], stored };
}

function store(directory: string, service: string, stored: Stored): void {
  const at = join(directory, service);
  mkdirSync(at, { recursive: true });
  const name = `${stored.call.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}.json`;
  writeFileSync(join(at, name), `${JSON.stringify(stored, null, 2)}\n`);
}

type Heard = Omit<Exchange, 'service'>;

/** Runs `work` and keeps every answer that this process gets meanwhile. */
async function listening<T>(work: () => Promise<T>): Promise<{ heard: Heard[]; result: T }> {
  const heard: Promise<Heard>[] = [];
  const { fetch: real } = transport;
  transport.fetch = async (input, init) => {
    const answer = await real(input, init);
    heard.push(hear(new URL(input instanceof Request ? input.url : input), init, answer.clone()));
    return answer;
  };
  try {
    const result = await work();
    return { heard: await Promise.all(heard), result };
  } finally {
    transport.fetch = real;
  }
}

async function hear(url: URL, init: RequestInit | undefined, answer: Response): Promise<Heard> {
  const endless = url.pathname.endsWith('/runtime-logs');
  const text = endless ? '' : await answer.text().catch(() => '');
  return {
    method: init?.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    agent: 'plimsoll',
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: bodyOf(text),
  };
}

function bodyOf(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return Buffer.from(text);
  }
}
