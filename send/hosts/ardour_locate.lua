-- Run in Ardour's scripting window: goes to the tenth second and plays on.
Session:request_locate(480000, false, ARDOUR.LocateTransportDisposition.MustRoll, ARDOUR.TransportRequestSource.TRS_UI)
