import { DatabaseSync } from 'node:sqlite';

/**
 * Takes a real lock of fcntl(2) on a file, as package managers do: Node itself has no call for it, and SQLite
 * takes one.
 */
export function holdLock(path: string): { release(): void } {
  const database = new DatabaseSync(path);
  database.exec('BEGIN EXCLUSIVE');
  return {
    release() {
      database.exec('ROLLBACK');
      database.close();
    },
  };
}
