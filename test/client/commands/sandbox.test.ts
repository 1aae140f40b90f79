import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { sandbox } from '../../../client/commands/sandbox.ts';
import { recordedIo } from '../../support/io.ts';

const calls: string[] = [];
const replies: Record<string, [number, unknown]> = {
  'GET /effects': [
    200,
    { effects: [{ at: 'T', service: 'git', operation: 'push', detail: 'main' }] },
  ],
  'GET /truth': [200, { hosts: [] }],
  'GET /faults': [200, { faults: [] }],
  'POST /faults': [200, { faults: [] }],
  'DELETE /faults': [200, { faults: [] }],
  'POST /release': [200, { released: 1 }],
};
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  calls.push(`${request.method} ${request.url} ${body}`.trim());
  const [status, reply] = body.includes('nosuch')
    ? [400, { error: 'The sandbox did not accept it.' }]
    : replies[`${request.method} ${request.url}`]!;
  response.writeHead(status as number).end(JSON.stringify(reply));
});
let control: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  control = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => void calls.splice(0));

const run = async (what: 'effects' | 'faults' | 'truth', fault: string[] = [], times = '1') => {
  const io = recordedIo({ env: { PLIMSOLL_SANDBOX: control } });
  const code = await sandbox(io, { what, fault, times });
  return { code, stdout: io.stdout.join('\n') };
};

it('effects are one line each', async () => {
  expect(await run('effects')).toEqual({ code: 0, stdout: 'T git     push main' });
});

it('the truth is printed as it comes', async () => {
  expect((await run('truth')).stdout).toBe('{\n  "hosts": []\n}');
});

it('faults are listed, armed, cleared and released', async () => {
  await run('faults');
  await run('faults', ['git', 'push', '500-after'], '2');
  await run('faults', ['clear']);
  await run('faults', ['release']);
  expect(calls).toEqual([
    'GET /faults',
    'POST /faults {"service":"git","match":"push","kind":"500-after","times":2}',
    'DELETE /faults',
    'POST /release {}',
  ]);
});

it("what the sandbox refuses is reported in the sandbox's words", async () => {
  await expect(run('faults', ['git', 'push', 'nosuch'])).rejects.toMatchObject({
    exitCode: 2,
    message: 'The sandbox did not accept it.',
  });
});

it('an incomplete fault is refused', async () => {
  await expect(run('faults', ['git', 'push'])).rejects.toMatchObject({
    exitCode: 2,
    message: `A fault needs three words: SERVICE MATCH KIND. You gave 2.
For example: plimsoll sandbox faults git push 500-after --times 1
To remove all faults: plimsoll sandbox faults clear
To end the calls that a fault holds: plimsoll sandbox faults release`,
  });
});

it('without an address it says where to find one', async () => {
  await expect(
    sandbox(recordedIo(), { what: 'truth', fault: [], times: '1' }),
  ).rejects.toMatchObject({
    exitCode: 2,
    message: `No sandbox is named. Set PLIMSOLL_SANDBOX to the address of its control plane, which npm start prints.
Or give the address as an option: plimsoll sandbox truth --control http://127.0.0.1:PORT`,
  });
});

it('a sandbox that does not answer is reported', async () => {
  const options = { what: 'truth', fault: [], times: '1', control: 'http://127.0.0.1:1' } as const;
  await expect(sandbox(recordedIo(), structuredClone(options) as never)).rejects.toMatchObject({
    exitCode: 1,
    message: `No sandbox answers at http://127.0.0.1:1.
Start one with npm start, and use the address that it prints.`,
  });
});
