import type { Io } from '../io.ts';
import { createPaint } from '../../domain/messages/parts/paint.ts';
import type { DeploySnapshot } from './read-deploy.ts';
import { plainLine, renderDeploy } from '../../domain/messages/screen.ts';
import { clock } from '../../domain/messages/parts/format.ts';

/**
 * Shows a deploy. On a terminal it redraws a screen in place. Elsewhere it prints one plain line
 * for each change.
 */
export const createScreen = (io: Io) => (io.live ? liveScreen(io) : plainLines(io));

async function liveScreen(io: Io) {
  const { createLogUpdate } = await import('log-update');
  const draw = createLogUpdate(process.stderr);
  const paint = createPaint(io.color);
  let last: DeploySnapshot | undefined;
  const redraw = (below = '') => {
    if (last) draw(renderDeploy(last, { now: new Date(), paint }) + below);
  };
  return {
    show(snapshot: DeploySnapshot) {
      last = snapshot;
      redraw();
    },
    note: (text: string) => (last ? redraw(`\n${paint.warn(text)}`) : draw(text)),
    done: () => draw.done(),
  };
}

async function plainLines({ say }: Io) {
  let shown = '';
  const print = (line: string, at: string) => {
    if (line !== shown) say(`${clock(at)} ${line}`);
    shown = line;
  };
  return {
    show: (snapshot: DeploySnapshot) => print(plainLine(snapshot), new Date().toISOString()),
    note: (text: string) => print(text, new Date().toISOString()),
    done() {},
  };
}
