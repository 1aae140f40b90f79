import { createHash } from 'node:crypto';
import { localSite } from '../../lib/local-site.ts';

/**
 * A server for Git LFS with the batch request and the basic transfer:
 * https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md. It serves only objects that a
 * test added, and answers 404 for every other one, as the documentation asks for.
 */
export async function startLfsServer() {
  const objects = new Map<string, Buffer>();
  const state = { down: false };
  const site = await localSite((request, to) => {
    const path = request.url ?? '';
    if (state.down) return to.writeHead(503).end();
    const object = objects.get(path.replace('/object/', ''));
    if (object) return to.writeHead(200).end(object);
    if (path !== '/lfs/objects/batch' || request.method !== 'POST') return to.writeHead(404).end();
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const asked = JSON.parse(Buffer.concat(parts).toString()) as {
        objects: { oid: string; size: number }[];
      };
      const answer = asked.objects.map(({ oid, size }) => ({
        ...{ oid, size },
        ...(objects.has(oid)
          ? { actions: { download: { href: `${site.url}/object/${oid}` } } }
          : { error: { code: 404, message: 'Object does not exist' } }),
      }));
      to.writeHead(200, { 'content-type': 'application/vnd.git-lfs+json' });
      to.end(JSON.stringify({ transfer: 'basic', objects: answer }));
    });
    return undefined;
  });
  /** Returns the pointer of these bytes: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
  const pointer = (bytes: Buffer, { kept = true } = {}) => {
    const oid = createHash('sha256').update(bytes).digest('hex');
    if (kept) objects.set(oid, bytes);
    return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${bytes.length}\n`;
  };
  return { url: `${site.url}/lfs`, pointer, state, close: site.close };
}
