-- Run in Ardour's scripting window: the song's tracks, Abscope Send on these and the master, and play.
for _, name in ipairs({"Vocal", "Bass", "Places"}) do
	local files = C.StringVector()
	files:push_back("@FOLDER@/" .. name .. ".wav")
	Editor:do_import(files, Editing.ImportDistinctFiles, Editing.ImportAsTrack, ARDOUR.SrcQuality.SrcBest,
		ARDOUR.MidiTrackNameSource.SMFTrackName, ARDOUR.MidiTempoMapDisposition.SMFTempoIgnore,
		Temporal.timepos_t(0), ARDOUR.PluginInfo(), ARDOUR.Track(), false)
end
for route in Session:get_routes():iter() do
	if not route:is_monitor() and not route:is_auditioner() then
		local plugin = ARDOUR.LuaAPI.new_plugin(Session, "Abscope Send", ARDOUR.PluginType.VST3, "")
		assert(not plugin:isnil(), "Ardour does not know the plug-in")
		-- Behind the fader, so that it hears what the route gives.
		route:add_processor_by_index(plugin, -1, nil, true)
	end
end
Session:request_locate(0, false, ARDOUR.LocateTransportDisposition.MustRoll, ARDOUR.TransportRequestSource.TRS_UI)
