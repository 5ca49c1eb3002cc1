/** The lines of a byte stream, without empty ones. A watch sends one JSON object per line. */
export async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let pending: string[] = [];
  for await (const chunk of stream) {
    const pieces = decoder.decode(chunk, { stream: true }).split('\n');
    const rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      // A large object arrives in many chunks: joining them once keeps the cost linear.
      const line = pending.length === 0 ? piece : pending.join('') + piece;
      pending = [];
      if (line.trim() !== '') yield line;
    }
    if (rest !== '') pending.push(rest);
  }
  // A rest without a newline is an object that was cut off.
}
