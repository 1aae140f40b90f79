const mostLine = 256 * 1024;

/** Yields the lines of a stream as they arrive. Skips empty lines and an incomplete last line. */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > mostLine) rest = '';
    for (const line of lines) if (line.trim() !== '') yield line;
  }
}
