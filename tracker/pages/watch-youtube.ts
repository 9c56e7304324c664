/** The watch page's script for a video at YouTube. */

import { youtube } from "./players/youtube.ts";
import { watchPage } from "./watch-page.ts";

watchPage(youtube);
