import { StringDecoder } from 'node:string_decoder';
import { ApiError } from '../api/api-error.ts';

/**
 * The non-empty lines of a stream. `onChunk` is called for every chunk, whether it completes a line or not.
 */
export async function* splitLines(
  stream: AsyncIterable<Buffer>,
  longest: number,
  onChunk: () => void = () => {},
): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const piece of stream) {
    onChunk();
    const lines = (rest + decoder.write(piece)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longest) throw new ApiError(`A line of the watch is longer than ${longest} characters`);
    for (const line of lines) if (line.trim() !== '') yield line;
  }
  if (rest.trim() !== '') yield rest;
}
