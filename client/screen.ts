import type { Io } from './io.ts';
import { createPaint } from './paint.ts';
import { clean } from './clean.ts';
import type { Seen } from './read-deploy.ts';
import { lineOf, renderDeploy } from './render.ts';
import { clock } from './words.ts';

/** A terminal is redrawn in place; anything else gets one plain line for each change. */
export const createScreen = (io: Io) => (io.live ? liveScreen(io) : plainLines(io));

async function liveScreen(io: Io) {
  const { createLogUpdate } = await import('log-update');
  const draw = createLogUpdate(process.stderr);
  const paint = createPaint(io.color);
  let last: Seen | undefined;
  const redraw = (below = '') => {
    if (last) draw(renderDeploy(last, { now: new Date(), paint }) + below);
  };
  return {
    show(seen: Seen) {
      last = seen;
      redraw();
    },
    note: (text: string) => (last ? redraw(`\n${paint.warn(text)}`) : draw(text)),
    done: () => draw.done(),
  };
}

async function plainLines({ say }: Io) {
  let told = '';
  const tell = (line: string, at: string) => {
    if (line !== told) say(`${clock(at)} ${line}`);
    told = line;
  };
  return {
    show: (seen: Seen) => tell(plainLine(seen), new Date().toISOString()),
    note: (text: string) => tell(text, new Date().toISOString()),
    done() {},
  };
}

/** What a log of a CI run keeps of a screen. */
export function plainLine(deploy: Seen): string {
  const { status, phase, running, state } = clean(deploy);
  if (!status)
    return running ? `${phase ?? 'unknown'} · waiting for: a worker` : state.toLowerCase();
  const { stuck, rulings, outcome } = status;
  const { liveNow, waitingFor, doThis } = lineOf(status);
  const voids = rulings.filter(({ verdict }) => verdict === 'void').length;
  const parts = [
    outcome ?? status.phase,
    stuck ? `stuck: ${stuck.step}: ${stuck.cause}` : '',
    outcome ? `live now: ${liveNow}` : `waiting for: ${waitingFor}`,
    `do this: ${doThis}`,
    voids > 0 ? `decisions that do not count: ${voids}` : '',
  ];
  return parts.filter(Boolean).join(' · ');
}
