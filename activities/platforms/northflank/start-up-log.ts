import { isErrorLine, isFatalLine, portIn } from '../../../domain/policy/error-line.ts';
import { redact } from '../../../domain/policy/redact.ts';
import type { NorthflankTarget } from '../../../domain/plan.ts';
import type { Reach } from './connect.ts';
import { isOurs } from './problems.ts';
import type { Wanted } from './problems.ts';
import type { Sight } from './sight.ts';

export type StartUpLog = {
  /** The newest 20, without what looks like a secret. */
  last: string[];
  errors: string[];
  fatal: string[];
  /** The port that the program says it listens on, where it is not the service's. */
  elsewhere: number | null;
};

const mostShown = 5;

type Asked = { target: NorthflankTarget; wanted: Wanted };

/** What the release's own containers wrote; the ones before them say goodbye in the same log. */
export async function readStartUp(
  reach: Reach,
  { containers, build }: Pick<Sight, 'containers' | 'build'>,
  { target: { port }, wanted }: Asked,
): Promise<StartUpLog> {
  const ours = build ? containers.filter((one) => isOurs(one, build, wanted.others)) : [];
  const names = new Set(ours.map(({ name }) => name));
  const from = Math.min(...ours.map(({ createdAt }) => createdAt), Date.now());
  const lines = await reach.service.logs({ from, to: Date.now() });
  const texts = lines.filter(({ container }) => names.has(container)).map(({ text }) => text);
  const shown = (some: string[]) => some.slice(0, mostShown).map(redact);
  const ports = texts.map(portIn).filter((one) => one !== null);
  return {
    last: texts.map(redact).filter(Boolean).slice(-20),
    errors: shown(texts.filter(isErrorLine)),
    fatal: shown(texts.filter(isFatalLine)),
    elsewhere: ports.includes(port) ? null : (ports.at(-1) ?? null),
  };
}
