/** The page that bull-board's scripts fill. */
import type { UIConfig } from '@bull-board/api/typings/app';
import type { BoardFiles } from './board-files.ts';

export interface BoardPageFacts {
  readonly base: string;
  readonly files: BoardFiles;
  readonly uiConfig: UIConfig;
}

export const boardPage = ({ base, files, uiConfig }: BoardPageFacts): string => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<base href="${base}/">
<title>Tugboot queues</title>
<link rel="icon" type="image/svg+xml" href="static/images/logo.svg">
${files.styles.map((path) => `<link href="${path}" rel="stylesheet">`).join('\n')}
</head>
<body class="preload">
<script id="__UI_CONFIG__" type="application/json">${JSON.stringify(uiConfig).replaceAll('<', '\\u003c')}</script>
<div id="root"></div>
${files.scripts.map((path) => `<script defer src="${path}"></script>`).join('\n')}
</body>
</html>
`;
