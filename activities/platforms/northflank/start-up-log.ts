import { isFatalLine, portIn } from '../../../domain/watch/error-line.ts';
import { errorLines } from '../../../domain/watch/log-lines/count-errors.ts';
import { redact } from '../../../domain/lib/redact.ts';
import type { NorthflankTarget } from '../../../domain/platforms/northflank/target.ts';
import type { Reach } from './connect.ts';
import { isOurs } from './problems.ts';
import type { Wanted } from './problems.ts';
import type { Snapshot } from './snapshot.ts';

export type StartUpLog = {
  /** The newest 20 lines, without secrets. */
  last: string[];
  errors: string[];
  fatal: string[];
  /**
   * The port in the log, if this port is not the configured port. null means that the program
   * listens on the configured port, or that the log names no port.
   */
  elsewhere: number | null;
};

const mostShown = 5;

type Asked = { target: NorthflankTarget; wanted: Wanted };

/**
 * Reads the log lines of the release's own containers. Leaves out the lines of earlier containers,
 * which write to the same log.
 */
export async function readStartUp(
  reach: Reach,
  { containers, build }: Pick<Snapshot, 'containers' | 'build'>,
  { target: { port }, wanted }: Asked,
): Promise<StartUpLog> {
  const ours = build ? containers.filter((one) => isOurs(one, build, wanted.others)) : [];
  const names = new Set(ours.map(({ name }) => name));
  const from = Math.min(...ours.map(({ createdAt }) => createdAt), Date.now());
  const lines = await reach.service.logs({ from, to: Date.now() });
  const own = lines.filter(({ container }) => names.has(container));
  const texts = own.map(({ text }) => text);
  const judged = own.map(({ text, at, container }) => ({ text, at, from: container }));
  const shown = (some: string[]) => some.slice(0, mostShown).map(redact);
  const ports = texts.map(portIn).filter((one) => one !== null);
  return {
    last: texts.map(redact).filter(Boolean).slice(-20),
    errors: shown(errorLines(judged)),
    fatal: shown(texts.filter(isFatalLine)),
    elsewhere: ports.includes(port) ? null : (ports.at(-1) ?? null),
  };
}
