/** The watch page's script for a playlist. */

import { hls } from "./players/hls.ts";
import { watchPage } from "./watch-page.ts";

watchPage(hls);
