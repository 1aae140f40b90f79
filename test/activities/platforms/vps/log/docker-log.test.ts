import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readLog } from '../../../../../activities/platforms/vps/log/host-log.ts';
import type { HostSession } from '../../../../../activities/platforms/vps/ssh/on-host.ts';
import type { RemoteResult } from '../../../../../activities/platforms/vps/ssh/remote.ts';
import { planFor } from '../../../plan/plan-fixture.ts';

/**
 * A fake docker for `logs` and `ps`. Like the real docker, it puts a time before each line and
 * writes its own errors to stderr.
 */
const docker = `#!/bin/sh
echo "$*" >> "$DOCKER_ASKED"
case $1 in
  ps) printf '%s\\n' $DOCKER_BOXES ;;
  logs)
    for box; do :; done
    [ -f "$DOCKER_LOGS/$box" ] || { echo "Error response from daemon: No such container: $box" >&2; exit 1; }
    cat "$DOCKER_LOGS/$box"
    [ ! -f "$DOCKER_LOGS/$box.err" ] || cat "$DOCKER_LOGS/$box.err" >&2 ;;
esac
`;

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-docker-log-'));
  writeFileSync(join(root, 'docker'), docker);
  chmodSync(join(root, 'docker'), 0o755);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let boxes = '';
beforeEach(() => {
  boxes = 'web-1';
});
const asked = () => join(root, 'asked');
const session: HostSession = {
  close: () => undefined,
  run: ({ script, args }) =>
    new Promise<RemoteResult>((resolve) => {
      const env = {
        PATH: `${root}:${process.env['PATH']}`,
        DOCKER_ASKED: asked(),
        DOCKER_LOGS: root,
        DOCKER_BOXES: boxes,
      };
      execFile('sh', ['-c', script, 'sh', ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr } as RemoteResult),
      );
    }),
};

const ago = (seconds: number, zone = 'Z', shiftHours = 0) => {
  const at = new Date(Date.now() - seconds * 1000 + shiftHours * 3_600_000);
  return at.toISOString().replace('Z', `456789${zone}`);
};
const log = (box: string, lines: string[]) =>
  writeFileSync(join(root, box), `${lines.join('\n')}\n`);
const ask = (over = {}, pattern: string | null = '^GET ') => {
  const { target } = planFor({});
  return readLog(session, {
    target: { ...target, service: 'web-1', run: 'docker', ...over },
    from: { ago: 600 },
    bucketSeconds: 60,
    pattern,
    timeoutMs: 10_000,
  });
};

describe('the log of a container', () => {
  test('is counted by word and by level, on both of its streams, by time', async () => {
    log('web-1', [
      `${ago(130)} ERROR: the database is gone`,
      `${ago(5)} GET /a 200`,
      `${ago(4)} {"level":"error","msg":"no answer"}`,
      `${ago(3)} level=info msg="no terrors here"`,
    ]);
    log('web-1.err', [`${ago(2)} Traceback (most recent call last):`]);
    const counts = await ask();
    expect(counts?.buckets).toEqual([
      { age: 2, errors: 1, requests: 0, lines: 1 },
      { age: 0, errors: 2, requests: 1, lines: 4 },
    ]);
    expect(Math.abs(counts!.now - Date.now() / 1000)).toBeLessThan(5);
  });

  test('counts a stack trace once, reads colours, and counts what it cannot read', async () => {
    log('web-1', [
      `${ago(5)} \u001b[31mERROR\u001b[0m payment failed\r`,
      `${ago(4)} TypeError: x is null`,
      `${ago(4)}     at f (a.js:1:1)`,
      `${ago(4)}     at g (a.js:2:1)`,
      `${ago(3)} ERROR ${'x'.repeat(9000)}`,
      `${ago(3)} \u0001\u0002\u0003\u0004`,
      'a line without a time',
    ]);
    rmSync(join(root, 'web-1.err'), { force: true });
    expect((await ask())?.buckets).toEqual([
      { age: 0, errors: 2, requests: 0, lines: 7, unread: 2 },
    ]);
  });

  test('is told in any zone', async () => {
    log('web-1', [`${ago(65, '+02:00', 2)} x`, `${ago(65, '-03:30', -3.5)} x`]);
    rmSync(join(root, 'web-1.err'), { force: true });
    expect((await ask())?.buckets).toEqual([{ age: 1, errors: 0, requests: 0, lines: 2 }]);
  });

  test('of a compose service is that of all its containers', async () => {
    boxes = 'web-1 web-2';
    log('web-1', [`${ago(5)} GET /a 200`]);
    log('web-2', [`${ago(5)} GET /b 200`]);
    const compose = { file: 'compose.yaml', project: 'shop', tag: 'IMAGE_TAG' };
    const counts = await ask({ run: 'compose', service: 'web', compose });
    expect(counts?.buckets).toEqual([{ age: 0, errors: 0, requests: 2, lines: 2 }]);
  });

  test('of a compose service is without the containers of docker compose run', async () => {
    writeFileSync(asked(), '');
    const compose = { file: 'compose.yaml', project: 'shop', tag: 'IMAGE_TAG' };
    await ask({ run: 'compose', service: 'web', compose });
    const [ps = ''] = readFileSync(asked(), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('ps '));
    expect(
      ps
        .split('label=')
        .slice(1)
        .map((it) => it.split(' ')[0]),
    ).toEqual([
      'com.docker.compose.project=shop',
      'com.docker.compose.service=web',
      'com.docker.compose.oneoff=False',
    ]);
  });

  test('that is not there is no data, never empty', async () => {
    expect(await ask({ service: 'gone' })).toBe(null);
    boxes = '';
    const compose = { file: 'compose.yaml', project: 'shop', tag: 'IMAGE_TAG' };
    expect(await ask({ run: 'compose', service: 'web', compose })).toBe(null);
    boxes = 'gone web-1';
    expect(await ask({ run: 'compose', service: 'web', compose })).toBe(null);
  });
});
