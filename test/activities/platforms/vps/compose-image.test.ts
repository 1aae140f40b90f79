import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageIn } from '../../../../activities/platforms/vps/scripts/runners.ts';
import { composed, samples } from '../../../../sandbox/samples/samples.ts';
import { composeTarget } from './drivers/contract.ts';
import { deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

/** An output of docker compose, in the format of Project.MarshalJSON of compose-go 2.16.2. */
const config = `{
  "name": "shop",
  "networks": { "default": { "name": "shop_default", "ipam": {} } },
  "services": {
    "db": { "command": null, "entrypoint": null, "image": "postgres:16" },
    "services": { "profiles": ["prod"], "command": null, "image": "redis:7" },
    "web": {
      "profiles": ["prod"],
      "command": ["image", "x:1"],
      "environment": { "image": "no:1" },
      "image": "example/shop:abc",
      "labels": { "a": "x\\n      \\"image\\": \\"evil:1\\"}}}", "image": "postgres:16" },
      "build": { "context": "/srv/shop", "dockerfile": "Dockerfile" },
      "depends_on": { "db": { "condition": "service_started", "required": true } },
      "volumes": [{ "type": "image", "source": "no:2", "image": {} }]
    },
    "worker": { "build": { "context": "/srv/shop" } }
  },
  "x-services": { "web": { "image": "evil:2" } }
}`;
const awks = ['awk', 'busybox awk', 'gawk', 'mawk'].filter((name) => {
  try {
    execFileSync('sh', ['-c', `${name} 'BEGIN { exit 0 }'`], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
});

describe.each(awks)('the image in the output of docker compose, read by %s', (awk) => {
  const read = (service: string, text = config) => {
    try {
      const args = ['-c', `${awk} -v service="$1" "$2"`, 'sh', service, imageIn];
      return execFileSync('sh', args, { input: text, encoding: 'utf8', stdio: 'pipe' }).trim();
    } catch (cause) {
      return `exit ${(cause as { status: number }).status}`;
    }
  };

  test.each([
    ['web', 'example/shop:abc'],
    ['db', 'postgres:16'],
    ['services', 'redis:7'],
    ['worker', 'exit 1'],
    ['nobody', 'exit 1'],
  ])('%s has %s', (service, image) => {
    expect(read(service)).toBe(image);
    expect(read(service, JSON.stringify(JSON.parse(config)))).toBe(image);
  });

  /** compose-go 2.9.0 wrote this text for three services: web depends on db and redis. */
  test.each([
    ['web', 'example/shop:abc'],
    ['db', 'postgres:16'],
    ['redis', 'redis:7'],
  ])('in a text that compose-go wrote, %s has %s', (service, image) => {
    const written = new URL('../../../fixtures/compose/compose-go-2.9.0.json', import.meta.url);
    expect(read(service, readFileSync(written, 'utf8'))).toBe(image);
  });

  test.each(['', '{}', 'no such service: web', '[{"services":{"web":{"image":"a"}}}]'])(
    '%j has none',
    (text) => expect(read('web', text)).toBe('exit 1'),
  );
});

describe('a compose service that depends on others', () => {
  let vpsFixture: VpsFixture;
  const withDb = (n: number) => {
    const files = composed(samples.good(n));
    const web = (files['compose.yaml'] ?? '').replace(
      '    build: .',
      '    build: .\n    depends_on: [db, cache]',
    );
    return {
      ...files,
      'compose.yaml': `${web}  db:\n    image: postgres:16\n  cache:\n    image: redis:7\n`,
      'deploy/base.yaml': `${web.replace('build: .', 'build: ..').replace(':${IMAGE_TAG}', ':old')}  db:\n    image: postgres:16\n  cache:\n    image: redis:7\n`,
      'deploy/live.yaml': 'services:\n  web:\n    image: acme/shop:${IMAGE_TAG}\n',
      'deploy/none.yaml': 'services:\n  web:\n    build: ..\n',
    };
  };
  beforeAll(async () => {
    vpsFixture = await startVpsFixture({
      trees: [1, 2, 3, 4, 5, 6, 7].map(withDb),
      host: { runs: 'compose' },
      target: composeTarget,
    });
  });
  afterAll(() => vpsFixture.stop());
  const file = (files: string) => ({
    compose: { ...composeTarget.compose, file: files },
  });

  test('goes live, is rolled back, and prune removes none of the others', async () => {
    const { shas, vps, step } = vpsFixture;
    for (const sha of shas.slice(0, 5)) await run(vps.stageRelease, step(sha));
    for (const sha of shas.slice(5)) await deployRelease(vpsFixture, sha);
    const back = { ...step(shas[5]!), startUpMs: 10_000 };
    expect(await run(vps.rollBackHost, back)).toMatchObject({ sha: shas[5], healthy: true });
    const { removed } = await run(vps.pruneReleases, { ...step(shas[5]!), keep: [shas[4]!] });
    expect(new Set(removed)).toEqual(new Set(shas.slice(0, 2)));
    const [state] = await run(vps.inspectHosts, { target: vpsFixture.target });
    expect(new Set(state?.ready)).toEqual(new Set(shas.slice(2)));
  });

  test('in several files has the image of the last file', async () => {
    const { vps, step, shas } = vpsFixture;
    const both = step(shas[6]!, 0, file('deploy/base.yaml:deploy/live.yaml'));
    expect(await run(vps.stageRelease, both)).toMatchObject({ staged: 'already' });
    const only = step(shas[0]!, 0, file('deploy/base.yaml'));
    expect(await failureOf(run(vps.stageRelease, only))).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        'shop-1: the image of web (acme/shop:old) is not tagged with IMAGE_TAG, so a build would ' +
        'replace the previous image. Write in deploy/base.yaml: image: acme/shop:${IMAGE_TAG}',
    });
  });

  test('without an image is refused, and the message names one', async () => {
    const { vps, step, shas } = vpsFixture;
    const { message } = await failureOf(
      run(vps.stageRelease, step(shas[1]!, 0, file('deploy/none.yaml'))),
    );
    expect(message).toBe(
      'shop-1: the image of web (none) is not tagged with IMAGE_TAG, so a build would replace the ' +
        'previous image. Write in deploy/none.yaml: image: web:${IMAGE_TAG}',
    );
  });

  test('in a file that docker compose cannot read is refused with its words', async () => {
    const { vps, step, shas, handles } = vpsFixture;
    const sha = shas[1]!;
    const at = `${handles[0]!.directory}/releases/${sha}`;
    expect(
      await failureOf(run(vps.stageRelease, step(sha, 0, file('compose.yaml:absent.yaml')))),
    ).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        'shop-1: docker compose does not report the image of web. Nothing was built or restarted. ' +
        `Its last lines:\nopen ${at}/absent.yaml: no such file or directory\nTry it on the host: ` +
        `cd ${at} && IMAGE_TAG=${sha} docker compose -f compose.yaml -f absent.yaml config web`,
    });
  });
});
