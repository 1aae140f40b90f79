const mostLine = 256 * 1024;

async function* none(): AsyncGenerator<Uint8Array> {}

/** The lines of a stream, as they come; the last one counts only if it is whole. */
export async function* linesOf(body: AsyncIterable<Uint8Array> | null): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body ?? none()) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > mostLine) rest = '';
    for (const line of lines) if (line.trim() !== '') yield line;
  }
}

/** undefined = not JSON. */
export const jsonOf = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};
