/** The watch page's script for a video that the browser plays itself. */

import { element } from "./players/element.ts";
import { watchPage } from "./watch-page.ts";

watchPage(element);
