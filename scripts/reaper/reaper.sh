# Ends or removes what a killed process leaves behind: sh reaper.sh server|group|folder WHAT
#
# Standard input is held open by whoever started this. A line on it means that
# everything was put away in order. Its end without a line means that they were
# killed, by whatever signal.
trap '' HUP INT TERM
read -r _ && exit 0

# Tenths of a second until nobody answers to that process id, or group.
wait_for() {
  tries=0
  while kill -s 0 -- "$1" && [ "$tries" -lt "$2" ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
}

case $1 in
  server)
    # PostgreSQL's fast shutdown; where it does not come to an end, its immediate one.
    kill -s INT -- "$2"
    wait_for "$2" 100
    kill -s QUIT -- "$2"
    ;;
  group)
    kill -s TERM -- "-$2"
    wait_for "-$2" 100
    kill -s KILL -- "-$2"
    ;;
  folder)
    # A process that is still being ended may write into it once more.
    tries=0
    while [ "$tries" -lt 60 ]; do
      rm -rf -- "$2"
      sleep 0.5
      [ -e "$2" ] || break
      tries=$((tries + 1))
    done
    ;;
esac
